import { setTimeout as sleep } from 'node:timers/promises';
import { describeRedis, RedisServer } from '../../../test/redis-server.js';
import { RedisStore } from './redis-store.js';
import { storeContract } from './store.contract.js';

describeRedis('RedisStore', () => {
  let server: RedisServer;
  const open: RedisStore[] = [];
  const create = (timeoutMs?: number): RedisStore => {
    const store = new RedisStore({ url: server.url, ...(timeoutMs !== undefined && { timeoutMs }) });
    open.push(store);
    return store;
  };
  const reset = async (): Promise<void> => {
    await Promise.all(open.splice(0).map((store) => store.close()));
    await server.restart();
  };
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  describe('keeps the contract', () => {
    storeContract({ open: create, pass: (ms) => sleep(ms), reset });
  });

  describe('beyond the contract', () => {
    afterEach(reset);

    it('rejects in time while Redis stands still, and works again afterwards', async () => {
      const store = create(300);
      await store.set('a', '1');
      server.pause();
      const began = performance.now();
      await expect(store.get('a')).rejects.toThrow(/timed out|timeout/i);
      expect(performance.now() - began).toBeLessThan(2_000);
      server.resume();
      for (let tries = 0; tries < 20; tries++) {
        const value = await store.get('a').catch(() => undefined);
        if (value?.toString() === '1') return;
        await sleep(50);
      }
      throw new Error('the store did not come back');
    });

    it('comes back by itself after Redis was killed', async () => {
      const store = create(3_000);
      await store.set('a', '1');
      await server.restart();
      await store.set('a', '2');
      expect((await store.get('a'))?.toString()).toBe('2');
    });
  });
});
