import type { ChartView, ExplanationView } from '@haunt/contracts';
import { CHART_RANGES, type ChartRange, SOURCES } from '@haunt/domain';
import type { Locator } from 'playwright-core';
import { awaited } from '../browser.js';
import { chartInk, figure, type Ink, plotOf, textsOf } from './in-page.js';
import { ASKED_FOR, SECOND, type Stage } from './stage.js';

/** The view of one asset. */
export function checkAsset(stage: Stage): void {
  const { check } = stage;

  const chart = (range: ChartRange): Promise<ChartView> =>
    stage.demo.get<ChartView>(`/api/crypto/${ASKED_FOR}/chart?range=${range}`);
  const slider = (): Locator => stage.page.getByRole('slider');
  const tableRows = (): Locator => stage.page.locator('.chart-table tbody tr');
  const newestClose = async (): Promise<string> => (await textsOf(tableRows().first().locator('td')))[3] as string;

  check('is drawn, and its last candle moves', async () => {
    await stage.go('asset');
    await awaited(
      'history',
      () => chart('1d'),
      ({ dataCompleteness }) => dataCompleteness > 95,
      30 * SECOND,
    );
    await awaited(
      'candles',
      () => chartInk(stage.page),
      ({ up, down }) => up > 0.001 && down > 0.001,
    );
    await stage.page.getByText('Candles as a table').click();
    await awaited(
      'the table',
      () => tableRows().count(),
      (count) => count === 24,
    );
    const before = await newestClose();
    const drawn = (await chartInk(stage.page)).print;
    await awaited('another close', newestClose, (close) => close !== before);
    await awaited(
      'another picture',
      () => chartInk(stage.page),
      ({ print }) => print !== drawn,
    );
    const [close, price] = await awaited(
      'the close that is the price',
      async () => [await newestClose(), await stage.page.locator('.price-figure').innerText()] as const,
      ([last, now]) => last === now.trim(),
    );
    expect(figure(close)).toBe(figure(price));
  });

  check('has all five ranges, each with the buckets that the server gives', async () => {
    const ranges = Object.keys(CHART_RANGES) as ChartRange[];
    await stage.page.getByRole('radio', { name: '1 hour' }).focus();
    await stage.page.keyboard.press('Space');
    for (const range of ranges) {
      await awaited(
        `the buckets of ${range}`,
        async () => {
          const { data, gaps } = await chart(range);
          const step = CHART_RANGES[range].bucketMs / SECOND;
          const [, number = '', unit = ''] =
            /(\d+) (\w+) candles/.exec(await stage.page.locator('.chart-width').innerText()) ?? [];
          const width = Number(number) * { min: 60, h: 3600, d: 86_400 }[unit as 'min' | 'h' | 'd'];
          const first = Math.min(data[0]!.time, gaps[0]?.from ?? Infinity);
          // A candle whose beginning is not there is not drawn.
          const expected = Math.floor(data.at(-1)!.time / width) - Math.ceil(first / width) + 1;
          const isChosen = await stage.page.locator(`input[name="chart-range"][value="${range}"]`).isChecked();
          const drawn = Number(await slider().getAttribute('aria-valuemax')) + 1;
          return {
            isChosen,
            expected,
            drawn,
            buckets: data.length + missing(gaps, step),
            points: CHART_RANGES[range].points,
          };
        },
        ({ isChosen, expected, drawn, buckets, points }) => isChosen && drawn === expected && buckets === points,
      );
      await stage.page.keyboard.press('ArrowRight');
    }
  });

  check('says and shows what is missing and what is interpolated', async () => {
    const [holes, bridged] = [
      [10, 17],
      [30, 31],
    ] as const;
    await stage.page.route(`**/api/crypto/${ASKED_FOR}/chart?range=4h`, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { data: { data: { time: number }[]; gaps: object[] } };
      const { data } = body.data;
      const step = CHART_RANGES['4h'].bucketMs / SECOND;
      body.data.gaps = [{ from: data[holes[0]]!.time, to: data[holes[1]]!.time + step }];
      body.data.data = data
        .map((point, i) =>
          i >= bridged[0] && i <= bridged[1] ? { ...point, interpolated: true, volume: undefined } : point,
        )
        .filter((_, i) => i < holes[0] || i > holes[1]);
      await route.fulfill({ response: answer, json: body });
    });
    await stage.page.getByRole('radio', { name: '4 hours' }).check({ force: true });
    const facts = stage.page.locator('.chart-facts');
    await facts.getByText('8 missing').waitFor();
    await facts.getByText('2 interpolated').waitFor();

    const at = async (n: number): Promise<string> => {
      const { x, width, y, height, count } = await plotOf(stage.page);
      const left = ((n + 0.6) / (count + 1)) * width;
      await stage.page.mouse.move(x + left, y + height / 2);
      return stage.page.locator('.chart-origin').innerText();
    };
    await awaited(
      'the place of a hole',
      () => at(13),
      (text) => text.startsWith('Missing'),
    );
    await awaited(
      'the place of a bridge',
      () => at(30),
      (text) => text.startsWith('Interpolated'),
    );
    await awaited(
      'the place of a candle',
      () => at(24),
      (text) => /^(Watched|Fetched)/.test(text),
    );
    await stage.page.mouse.move(0, 0);
    const { count } = await plotOf(stage.page);
    const between = (from: number, to: number): [number, number] => [
      (from + 0.6) / (count + 1),
      (to + 0.6) / (count + 1),
    ];
    const hole = await chartInk(stage.page, between(holes[0], holes[1]));
    const whole = await chartInk(stage.page, between(holes[1] + 1, holes[1] + 8));
    // The line at the newest price goes through.
    const candles = (ink: Ink): number => ink.up + ink.down;
    expect(candles(hole)).toBeLessThan(candles(whole) / 5);
    // Hatched all over, where the others stand before nothing.
    expect(hole.covered).toBeGreaterThan(0.9);
    expect(whole.covered).toBeLessThan(0.6);
    const bridge = await chartInk(stage.page, between(bridged[0] - 0.4, bridged[1] + 0.4));
    expect(candles(bridge)).toBeLessThan(candles(whole) / 5);

    await slider().focus();
    await stage.page.keyboard.press('Home');
    for (let i = 0; i < 12; i++) await stage.page.keyboard.press('ArrowRight');
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/no data$/);
    await stage.page.unroute(`**/api/crypto/${ASKED_FOR}/chart?range=4h`);
    await awaited(
      'the whole chart again',
      () => facts.innerText(),
      (text) => !text.includes('missing'),
      20 * SECOND,
    );
  });

  check('explains its price: every source, and why one does not count', async () => {
    /** Who counts and why not, without the ages that grow. */
    const said = async (): Promise<string[]> =>
      (await stage.demo.get<ExplanationView>(`/api/crypto/${ASKED_FOR}/explain`)).sources.map(
        ({ source, counted, reason = '' }) => `${SOURCES[source].name}: ${counted ? 'Yes' : 'No'} ${reason}`,
      );
    const lines = stage.page.locator('table.quotes tbody tr');
    const seen = async (): Promise<string[]> => {
      const [names, verdicts] = [await textsOf(lines.locator('th')), await textsOf(lines.locator('.quote-verdict'))];
      return names.map((name, i) => `${name.split(' ')[0]}: ${verdicts[i]!.trim()}`);
    };
    const ageless = (all: string[]): string => all.map((line) => line.replace(/\d+/g, '0').trim()).join('\n');
    await awaited(
      'what the server says',
      async () => [ageless(await said()), ageless(await seen())] as const,
      ([told, shown_]) => told === shown_ && told.split('\n').length >= 6 && told.includes('Binance: Yes'),
    );
    const binance = (): Promise<string> => lines.filter({ hasText: 'Binance' }).innerText();
    stage.demo.simulator.fault('binance', { kind: 'price', factor: 1.1, symbols: [ASKED_FOR] });
    const out = await awaited('the one that is wrong', binance, (text) => /\bNo\b.*excluded/.test(text));
    expect(figure(/[+−]\d+\.\d+%/.exec(out)?.[0] ?? '')).toBeCloseTo(10, 0);
    stage.demo.simulator.heal('binance', 'price');
    await awaited('the one that is right again', binance, (text) => /\bYes\b/.test(text));
  });
}

const missing = (gaps: readonly { readonly from: number; readonly to: number }[], step: number): number =>
  gaps.reduce((sum, { from, to }) => sum + (to - from) / step, 0);
