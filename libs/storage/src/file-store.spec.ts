import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from './file-store.js';
import { storeContract } from './store.contract.js';

describe('FileStore', () => {
  let directory = mkdtempSync(join(tmpdir(), 'haunt-store-'));
  let time = 1_000;
  const open: FileStore[] = [];
  const create = (): FileStore => {
    const store = new FileStore({ directory, now: () => time });
    open.push(store);
    return store;
  };
  const closeAll = async (): Promise<void> => {
    for (const store of open.splice(0)) await store.close();
  };
  const reset = async (): Promise<void> => {
    await closeAll();
    rmSync(directory, { recursive: true, force: true });
    directory = mkdtempSync(join(tmpdir(), 'haunt-store-'));
  };
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  describe('keeps the contract', () => {
    storeContract({
      open: create,
      pass: (ms) => {
        time += ms;
        return Promise.resolve();
      },
      reset,
    });
  });

  describe('beyond the contract', () => {
    afterEach(reset);

    it('has everything again after it was closed and opened', async () => {
      const store = create();
      await store.set('a', '1');
      await store.set('b', '2', 100);
      await closeAll();
      time += 200;
      const again = create();
      expect((await again.get('a'))?.toString()).toBe('1');
      expect(await again.get('b')).toBeUndefined();
    });

    it('takes expired values off the disk, and only those', async () => {
      const store = create();
      for (let i = 0; i < 300; i++) await store.set(`short ${i}`, 'x', 100);
      await store.set('long', 'x', 10_000);
      await store.set('kept', 'x');
      time += 200;
      for (let i = 0; i < 256; i++) await store.set('kept', String(i));
      const keys = [...store['root'].getKeys()].filter((key) => typeof key === 'string' && key !== 'ends');
      expect(keys).toEqual(['kept', 'long']);
      expect([...store['ends'].getKeys()].map(([, key]) => key)).toEqual(['long']);
    });

    it('keeps what was confirmed, whole, when its process is killed', async () => {
      const path = JSON.stringify(join(directory, 'store.mdb'));
      // The store's own layout: eight bytes of header before the value, two keys in one transaction.
      const script = `
        const { open } = require('lmdb');
        const db = open({ path: ${path}, encoding: 'binary', noSubdir: true });
        const value = (i) => Buffer.concat([Buffer.alloc(8), Buffer.from(String(i))]);
        (async () => {
          for (let i = 1; ; i++) {
            await db.transaction(() => { db.put('{p}:a', value(i)); db.put('{p}:b', value(i)); });
            process.stdout.write(i + '\\n');
          }
        })();`;
      const child = spawn(process.execPath, ['-e', script], {
        cwd: process.cwd(),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let confirmed = 0;
      child.stdout.on('data', (data: Buffer) => {
        confirmed = Number(data.toString().trim().split('\n').at(-1));
        if (confirmed > 50) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const store = create();
      const [a, b] = [await store.get('{p}:a'), await store.get('{p}:b')];
      expect(Number(a)).toBeGreaterThanOrEqual(confirmed);
      expect(b).toEqual(a);
    });
  });
});
