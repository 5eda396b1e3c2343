import { useEffect } from 'preact/hooks';
import { effect, useSignal } from '@preact/signals';
import type { LiveMovers, Timeframe } from '@haunt/client';
import { Polled } from '../state/polled.js';
import { ask, server } from '../state/server.js';

/** A list is pushed when who is in it, or in which order, is another. By how much they have moved since is asked for. */
const REFRESH_MS = 3_000;

/** Who rose and who fell most within `timeframe`, as long as the component is there; undefined before the first ranking. */
export function useMovers(timeframe: Timeframe, limit: number): LiveMovers | undefined {
  const movers = useSignal<LiveMovers | undefined>(undefined);
  useEffect(() => {
    const take = (update: LiveMovers): void => {
      const before = movers.peek();
      if (before?.timeframe !== timeframe || update.timestamp >= before.timestamp) movers.value = update;
    };
    const asked = new Polled(
      async (signal) => (await ask(server.rest.movers({ timeframe, limit }, { signal }))).data,
      REFRESH_MS,
    );
    let isAsking = false;
    const onMovers = (update: LiveMovers): void => {
      take(update);
      // Not before there are any: a server that has just started would have to refuse.
      if (!isAsking) asked.start();
      isAsking = true;
    };
    const subscription = server.live.subscribeMovers({ timeframe, limit, onMovers });
    const stop = effect(() => {
      const view = asked.answer.value?.value;
      if (view !== undefined) take({ ...view, timestamp: view.timestamp * 1_000 });
    });
    return () => {
      subscription.close();
      stop();
      asked.end();
    };
  }, [timeframe, limit, movers]);
  return movers.value?.timeframe === timeframe ? movers.value : undefined;
}
