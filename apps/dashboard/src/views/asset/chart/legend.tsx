import { computed, type ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { change, directionOf, money, price, UNKNOWN } from '../../../format.js';
import { now } from '../../../state/clock.js';
import type { Pointed } from './candle-chart.js';
import { momentText } from './local-times.js';
import { moveOf, originText } from './words.js';

interface Props {
  readonly pointed: ReadonlySignal<Pointed | undefined>;
  /** Width of a candle, seconds. */
  readonly width: ReadonlySignal<number>;
  /** Prices come in. */
  readonly live: ReadonlySignal<boolean>;
}

/** What is pointed at, in figures. Every figure is a text node of its own, so a tick changes text and nothing else. */
export function Legend({ pointed, width, live }: Props) {
  const text = useMemo(() => {
    const isOpen = (at: Pointed): boolean => live.value && now.value / 1_000 < at.time + width.value;
    const figure = (key: 'open' | 'high' | 'low' | 'close'): ReadonlySignal<string> =>
      computed(() => price(pointed.value?.candle?.[key], pointed.value?.decimals));
    return {
      open: figure('open'),
      high: figure('high'),
      low: figure('low'),
      close: figure('close'),
      move: computed(() => change(moveOf(pointed.value?.candle))),
      direction: computed(() => `chart-ohlc is-${directionOf(moveOf(pointed.value?.candle))}`),
      volume: computed(() => money(pointed.value?.candle?.volume)),
      time: computed(() => (pointed.value === undefined ? UNKNOWN : momentText(pointed.value.time as never))),
      origin: computed(() => {
        const at = pointed.value;
        if (at === undefined) return '';
        const open = isOpen(at);
        if (!open || at.candle === undefined || at.candle.seen === 0) return originText(at.candle, open);
        return `Live, closes in ${remaining(at.time + width.value - now.value / 1_000)}`;
      }),
      kind: computed(() => {
        const at = pointed.value;
        if (at === undefined || at.candle === undefined) return 'chart-origin is-missing';
        if (at.candle.seen === 0) return 'chart-origin is-interpolated';
        return isOpen(at) ? 'chart-origin is-live' : 'chart-origin';
      }),
    };
  }, [pointed, width, live]);

  return (
    <div class="chart-legend" aria-hidden="true">
      <span class="chart-when">
        <span>{text.time}</span>
        <span class={text.kind}>{text.origin}</span>
      </span>
      <span class={text.direction}>
        <span class="chart-figure">
          <i>O</i>
          <b>{text.open}</b>
        </span>
        <span class="chart-figure">
          <i>H</i>
          <b>{text.high}</b>
        </span>
        <span class="chart-figure">
          <i>L</i>
          <b>{text.low}</b>
        </span>
        <span class="chart-figure">
          <i>C</i>
          <b>{text.close}</b>
        </span>
        <b class="chart-move">{text.move}</b>
        <span class="chart-figure is-plain">
          <i>Vol</i>
          <b>{text.volume}</b>
        </span>
      </span>
    </div>
  );
}

function remaining(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes, rest] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
