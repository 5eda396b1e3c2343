import type { LivePrice } from '@haunt/contracts';
import { type GatewayUnderTest, startGateway } from '../../../apps/gateway/test/gateway-under-test.js';
import { until } from '../test/until.js';
import { HauntClient } from './haunt-client.js';

describe('a live client of a gateway', () => {
  let gateway: GatewayUnderTest;
  const clients: HauntClient[] = [];
  const connect = (): HauntClient => {
    const client = new HauntClient({ url: gateway.url, timeoutMs: 2_000 });
    clients.push(client);
    return client;
  };

  beforeAll(async () => (gateway = await startGateway()));
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(() => gateway.close());

  it('hears the price as it is, then every change, however it spells the asset', async () => {
    await gateway.publish({ symbol: 'sol', price: 140 });
    const heard: LivePrice[] = [];
    const subscription = connect().live.subscribe([' SOL', 'Eth'], { onPrice: (price) => heard.push(price) });
    expect(subscription.assets).toEqual(['sol', 'eth']);
    await until(() => heard.length === 1);
    await gateway.publish({ symbol: 'sol', price: 141 }, { symbol: 'eth', price: 2_000 });
    await until(() => heard.length === 3);
    expect(heard.map(({ symbol, price }) => [symbol, price])).toEqual([
      ['sol', 140],
      ['sol', 141],
      ['eth', 2_000],
    ]);
  });
});
