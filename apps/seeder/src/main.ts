import { bootstrap } from '@haunt/platform';
import { SeederModule } from './seeder.module.js';

void bootstrap(SeederModule, { name: 'seeder', listen: 'health' });
