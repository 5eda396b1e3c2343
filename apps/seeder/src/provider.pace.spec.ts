import { FakeTime } from '../test/fake-time.js';
import { MemoryStore } from '../test/memory-store.js';
import { ProviderPace } from './provider.pace.js';
import { URGENCY } from './seeder.parts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A request every twelve minutes, as CoinGecko's free key allows. */
const SCARCE = { count: 20, windowMs: 4 * HOUR };

describe('the pace of a provider whose requests are scarce', () => {
  const build = () => {
    const time = new FakeTime();
    const store = new MemoryStore(time);
    const paced = (me: string): ((level: number) => Promise<boolean>) => {
      const pace = new ProviderPace({ store, clock: time, sleep: time.sleep, random: () => 0.5, me });
      return (level) =>
        time.until(
          pace.slot('coingecko', 'CoinGecko', SCARCE, { level }, new AbortController().signal).then(
            () => true,
            () => false,
          ),
        );
    };
    return { time, paced };
  };

  it('leaves half of them to those who wait', async () => {
    const { time, paced } = build();
    const ask = paced('one');
    const had = { batch: 0, manual: 0 };
    for (let at = 0; at < 24; at++) {
      for (let i = 0; i < 3; i++) if (await ask(URGENCY.batch)) had.batch++;
      for (let i = 0; i < 3; i++) if (await ask(URGENCY.manual)) had.manual++;
      await time.pass(HOUR);
    }
    // Of 120 a day; the batch had its own first, every time.
    expect(had).toEqual({ batch: 48, manual: 48 });
  });

  it('does not keep a turn that nobody here waits for', async () => {
    const { paced } = build();
    const [one, two] = [paced('one'), paced('two')];
    // The third one of the batch gives up, and its process had been next.
    expect([await one(URGENCY.batch), await one(URGENCY.batch), await one(URGENCY.batch)]).toEqual([true, true, false]);
    expect(await two(URGENCY.manual)).toBe(true);
  });
});
