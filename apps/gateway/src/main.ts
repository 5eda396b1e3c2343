import { bootstrap } from '@haunt/platform';
import { configureGateway, gatewayAdapter } from './configure.js';
import { GatewayModule } from './gateway.module.js';

void bootstrap(GatewayModule, {
  name: 'gateway',
  listen: 'gateway',
  configure: configureGateway,
  adapter: gatewayAdapter,
});
