import { effect, type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ChartRange } from '@haunt/domain';
import { stepOf } from '../../../state/candles.js';
import { ChartFeed } from '../../../state/chart.js';
import { now } from '../../../state/clock.js';
import { type AssetDesk, isLive } from '../../../state/desk.js';
import { keep, recall } from '../../../state/kept.js';
import { server } from '../../../state/server.js';
import { theme } from '../../../state/theme.js';
import { CandleChart, type Pointed } from './candle-chart.js';
import { CandleTable } from './candle-table.js';
import { ChartNotes } from './chart-notes.js';
import { ChartVeil } from './chart-veil.js';
import { Legend } from './legend.js';
import { momentText, zoneText } from './local-times.js';
import { isRange, RangeChoice } from './range-choice.js';
import { spokenCandle, summaryText, widthText } from './words.js';

interface Props {
  readonly desk: AssetDesk;
  /** The asset's name, for those who hear the page. */
  readonly name: ReadonlySignal<string>;
}

/** Candles with everything around them. The library draws; this renders when a range is chosen or an answer comes, never per tick. */
export function ChartPanel({ desk, name }: Props) {
  const kept = recall('range');
  const range = useSignal<ChartRange>(isRange(kept) ? kept : '1d');
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart | undefined>(undefined);
  const pointed = useSignal<Pointed | undefined>(undefined);
  const drawn = useSignal({ factor: 1, seeded: 0, interpolated: 0, missing: 0 });
  const moved = useSignal(false);
  const isTableOpen = useSignal(false);
  const feed = useMemo(() => new ChartFeed(server.rest, desk.key, range.value), [desk, range.value]);
  const width = useComputed(() => drawn.value.factor * stepOf(range.value));
  const live = useComputed(isLive);

  useEffect(() => {
    const element = host.current!;
    const made = (chart.current = new CandleChart(element));
    made.onPointed = (at) => (pointed.value = at);
    made.onDrawn = (what) => (drawn.value = what);
    made.onMoved = (is) => (moved.value = is);
    const observer = new ResizeObserver(() => made.resized());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.remove();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    keep('range', feed.range);
    feed.start(chart.current!);
    const unfollow = desk.follow({
      take: (price) => feed.take(price),
      hear: (progress) => feed.hear(progress),
      refresh: () => feed.refresh(),
    });
    return () => {
      unfollow();
      feed.end();
    };
  }, [feed]);

  useSignalEffect(() => {
    const colours = theme.value;
    // The page's own colours change in the same turn: they are read when it has.
    requestAnimationFrame(() => colours !== undefined && chart.current?.repaint());
  });

  const isOpen = (time: number): boolean => live.value && now.peek() / 1_000 < time + width.peek();
  const speak = (at: Pointed): string => spokenCandle(at, momentText(at.time as never), isOpen(at.time));

  const step = (event: KeyboardEvent): void => {
    const drawing = chart.current;
    const at = pointed.peek();
    if (drawing === undefined || at === undefined) return;
    const last = drawing.count - 1;
    const target = {
      ArrowLeft: at.n - 1,
      ArrowRight: at.n + 1,
      PageUp: at.n + 10,
      PageDown: at.n - 10,
      Home: 0,
      End: last,
    };
    const n = target[event.key as keyof typeof target];
    if (event.key === 'Escape') drawing.point(undefined);
    else if (n === undefined) return;
    else drawing.point(Math.min(Math.max(n, 0), last));
    event.preventDefault();
    describe();
  };

  /** Only when the reader moves: a screen reader must not talk at every tick. */
  const describe = (): void => {
    const at = pointed.peek();
    const element = host.current;
    if (at === undefined || element === null) return;
    element.setAttribute('aria-valuemax', String(Math.max((chart.current?.count ?? 1) - 1, 0)));
    element.setAttribute('aria-valuenow', String(at.n));
    element.setAttribute('aria-valuetext', speak(at));
  };

  // Of each range anew: a signal's effect goes on listening to the feed that it began with.
  useEffect(() => effect(() => void (feed.facts.value !== undefined && describe())), [feed]);

  const facts = feed.facts.value;
  const summary = summaryText(name.value, range.value, chart.current?.candles ?? [], facts);

  return (
    <section class="asset-panel chart" aria-label="Chart">
      <header class="chart-head">
        <RangeChoice range={range} />
        <span class="chart-width">{widthText(width.value)} candles</span>
        <button type="button" class="chart-reset" hidden={!moved.value} onClick={() => chart.current?.showAll()}>
          Show all
        </button>
      </header>
      <p class="sr">{facts === undefined ? 'The chart is loading.' : summary}</p>
      <div class="chart-stage">
        <Legend pointed={pointed} width={width} live={live} />
        <div
          ref={host}
          class="chart-canvas"
          role="slider"
          tabIndex={0}
          aria-label="Candles; the arrow keys go from one to the next"
          aria-valuemin={0}
          aria-valuemax={0}
          aria-valuenow={0}
          aria-valuetext="loading"
          onKeyDown={step}
          onFocus={describe}
          onBlur={() => chart.current?.point(undefined)}
        />
        <ChartVeil facts={feed.facts} problem={feed.problem} isDrawn={feed.isDrawn} onRetry={() => feed.refresh()} />
      </div>
      <ChartNotes facts={feed.facts} problem={feed.problem} drawn={drawn} zone={zoneText(now.peek())} />
      <details class="chart-table" onToggle={(event) => (isTableOpen.value = event.currentTarget.open)}>
        <summary>Candles as a table</summary>
        {isTableOpen.value && chart.current !== undefined && (
          <CandleTable
            candles={chart.current.candles}
            timeOf={(n) => chart.current?.timeOf(n) ?? 0}
            decimals={chart.current.decimals}
            isOpen={isOpen}
            zone={zoneText(now.peek())}
          />
        )}
      </details>
    </section>
  );
}
