import { MemoryBus } from './memory-bus.js';

it('never calls a handler inside publish', async () => {
  const bus = new MemoryBus();
  let calls = 0;
  const called = new Promise<void>((resolve) => {
    bus.consume('movers', () => {
      calls++;
      resolve();
    });
  });
  const published = bus.publish('movers', { timeframe: '1h', partition: 0, gainers: [], losers: [], at: 1 });
  expect(calls).toBe(0);
  await published;
  await called;
  await bus.close();
});
