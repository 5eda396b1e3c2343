import { bootstrap } from '@haunt/platform';
import { AggregatorModule } from './aggregator.module.js';

void bootstrap(AggregatorModule, { name: 'aggregator', listen: 'health' });
