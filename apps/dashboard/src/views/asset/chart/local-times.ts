import { defaultHorzScaleBehavior, TickMarkType, type Time, type TimeFormatterFn } from 'lightweight-charts';
import { localWeight } from './local-weights.js';

const Times = defaultHorzScaleBehavior();
type Points = Parameters<InstanceType<typeof Times>['fillWeightsForPoints']>[0];

/** The library's time scale with its marks at the hours, days and months of the reader's own zone. */
export class LocalTimes extends Times {
  override fillWeightsForPoints(points: Points, from: number): void {
    const at = (i: number): number => Number(points[i]!.originalTime) * 1_000;
    const step = points.length > 1 ? at(1) - at(0) : 60_000;
    for (let i = from; i < points.length; i++) {
      const before = i === 0 ? at(0) - step : at(i - 1);
      points[i]!.timeWeight = localWeight(at(i), before) as Points[number]['timeWeight'];
    }
  }
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric' });
const MONTH = new Intl.DateTimeFormat(undefined, { month: 'short' });
const YEAR = new Intl.DateTimeFormat(undefined, { year: 'numeric' });
const MOMENT = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** A mark on the axis. */
export function markText(time: Time, type: TickMarkType): string {
  const date = new Date(Number(time) * 1_000);
  if (type === TickMarkType.Year) return YEAR.format(date);
  if (type === TickMarkType.Month) return MONTH.format(date);
  if (type === TickMarkType.DayOfMonth) return DAY.format(date);
  return CLOCK.format(date);
}

/** A moment (epoch seconds) in full, in the reader's zone. */
export const momentText: TimeFormatterFn = (time) => MOMENT.format(new Date(Number(time) * 1_000));

/** The reader's zone, as `Europe/Berlin, UTC+1`. */
export function zoneText(now: number): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const minutes = -new Date(now).getTimezoneOffset();
  const [hours, rest] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const offset = `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
  return minutes === 0 ? 'UTC' : `${timeZone.replaceAll('_', ' ')}, ${offset}`;
}
