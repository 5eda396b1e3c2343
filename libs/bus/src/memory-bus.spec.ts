import { busContract, type BusHarness, heartbeat, type TestedBus } from './bus.contract.js';
import { MemoryBus } from './memory-bus.js';
import { transportContract } from './nest/transport.contract.js';

describe('MemoryBus', () => {
  const open: TestedBus[] = [];
  const harness: BusHarness = {
    create: (options) => {
      const bus = new MemoryBus(options);
      open.push(bus);
      return bus;
    },
    reset: async () => {
      await Promise.all(open.splice(0).map((bus) => bus.close()));
    },
  };
  describe('keeps the contract', () => {
    busContract(harness);
  });
  describe('carries the Nest transport', () => {
    transportContract(harness);
  });

  it('never calls a handler inside publish', async () => {
    const bus = new MemoryBus();
    let calls = 0;
    const called = new Promise<void>((resolve) => {
      bus.consume('ticks', () => {
        calls++;
        resolve();
      });
    });
    const published = bus.publish('ticks', heartbeat(1));
    expect(calls).toBe(0);
    await published;
    await called;
    await bus.close();
  });
});
