import type { GlobalView, QuotesView } from '@haunt/contracts';
import type { Locator } from 'playwright-core';
import { awaited } from '../browser.js';
import { figure, type Move, recordMoves, textsOf } from './in-page.js';
import { SYMBOLS, type Stage } from './stage.js';

/** The table of the market. */
export function checkMarket(stage: Stage): void {
  const { check, row, rows, cells, symbols } = stage;

  check('has a row for every asset, and prices that move and flash the way they go', async () => {
    await awaited('the rows', symbols, (all) => all.length === SYMBOLS.length);
    expect((await symbols()).toSorted()).toEqual(SYMBOLS.toSorted());
    await recordMoves(stage.page);
    const moves = await awaited(
      'moves of five assets, up and down',
      () => stage.page.evaluate<Move[]>('moves'),
      (all) =>
        new Set(all.map(({ symbol }) => symbol)).size >= 5 &&
        ['up', 'down'].every((way) => all.some(({ flash }) => flash === way)),
    );
    for (const { from, to, flash, lastsMs } of moves) {
      expect([from, to, flash]).toEqual([from, to, to > from ? 'up' : 'down']);
      expect(lastsMs).toBeGreaterThan(300);
    }
  });

  check('shows the figures that the server gives', async () => {
    const near = (a: number, b: number, share: number): boolean => Math.abs(a / b - 1) <= share;
    await awaited(
      'the market as a whole',
      async () => {
        const whole = await stage.demo.get<GlobalView>('/api/market/global');
        const [cap = '', volume = '', dominance = ''] = await textsOf(stage.page.locator('.strip .figure dd'));
        return { whole, shown: [cap, volume, dominance].map(figure) };
      },
      ({ whole, shown: [cap, volume, dominance] }) =>
        near(cap!, whole.totalMarketCap, 0.01) &&
        near(volume!, whole.totalVolume24h, 0.01) &&
        near(dominance!, whole.btcDominance, 0.01),
    );
    await awaited(
      'updates and sources',
      async () => {
        const { tps, onlineSources, totalSources } = await stage.demo.get<Record<string, number>>('/api/market/stats');
        const live = await stage.page.getByTestId('sources-live').locator('dd').innerText();
        const rate = figure(await stage.page.getByTestId('tps').locator('dd').innerText());
        return { said: `${onlineSources} of ${totalSources}`, live, rate, tps: tps! };
      },
      ({ said, live, rate, tps }) => live.startsWith(said) && near(rate, tps, 0.25),
    );
    for (const symbol of ['btc', 'eth', 'ltc']) {
      await awaited(
        `the price of ${symbol}`,
        async () => [
          figure(await row(symbol).getByTestId('price').innerText()),
          (await stage.demo.get<QuotesView>(`/api/crypto/${symbol}/quotes`)).price,
        ],
        ([seen, said]) => near(seen!, said!, 0.002),
      );
    }
  });

  check('is put in order by its head, with keys and with the mouse', async () => {
    const head = (name: string): Locator => stage.page.getByRole('columnheader', { name, exact: true });
    const sorted = async (name: string, kind: string, direction: 1 | -1): Promise<void> => {
      await awaited(
        `${name} in order`,
        () => cells(kind),
        (all) => {
          const values = all.map((text) => (kind === 'name' ? text.toLowerCase() : figure(text)));
          // What moves between two orderings may pass its neighbour by a little.
          return values.every((value, i) => {
            const before = values[i - 1];
            if (before === undefined) return true;
            if (typeof value === 'string') return direction * (value < before ? -1 : 1) > 0;
            return direction * (value - (before as number)) >= -0.003 * Math.abs(value);
          });
        },
      );
      const states = await stage.page
        .locator('table.assets thead th[aria-sort]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-sort') as string));
      expect(states.filter((state) => state !== 'none')).toEqual([direction === 1 ? 'ascending' : 'descending']);
      expect(await head(name).getAttribute('aria-sort')).toBe(direction === 1 ? 'ascending' : 'descending');
    };
    const button = (name: string): Locator => head(name).getByRole('button');

    await button('Price').click();
    await sorted('Price', 'price', -1);
    await button('Price').click();
    await sorted('Price', 'price', 1);
    expect((await symbols())[0]).not.toBe('btc');
    await button('Name').focus();
    await stage.page.keyboard.press('Enter');
    await sorted('Name', 'name', 1);
    await stage.page.keyboard.press('Enter');
    await sorted('Name', 'name', -1);
    await button('Volume 24 h').click();
    await sorted('Volume 24 h', 'volume', -1);
    await button('#, rank').click();
    await sorted('#, rank', 'rank', 1);
    expect((await symbols()).slice(0, 2)).toEqual(['btc', 'eth']);
  });

  check('is narrowed by search and filters', async () => {
    await stage.page.keyboard.press('/');
    await stage.page.keyboard.type('us');
    const names = async (): Promise<string[]> =>
      (await textsOf(rows().locator('.names'))).map((text) => text.toLowerCase());
    await awaited('what was searched for', names, (all) => all.length > 1 && all.every((name) => name.includes('us')));
    expect(await stage.page.locator('.shown').innerText()).toBe(`${await rows().count()} of ${SYMBOLS.length} assets`);
    await stage.page.keyboard.type('nobody');
    await stage.page.getByText('No asset matches “usnobody”').waitFor();
    await stage.page.keyboard.press('Escape');
    await awaited('everybody', symbols, (all) => all.length === SYMBOLS.length);

    for (const [filter, sign] of [
      ['Gainers', '+'],
      ['Losers', '−'],
    ] as const) {
      await stage.page.getByRole('button', { name: filter, exact: true }).click();
      const isOnly = (all: string[]): boolean =>
        all.length > 0 &&
        all.length < SYMBOLS.length &&
        all.every((text) => text.trim().startsWith(sign) || text.trim() === '0.00%');
      await awaited(filter, () => cells('h24'), isOnly);
    }
    await stage.page.getByRole('button', { name: 'All', exact: true }).click();
  });

  check('keeps favourites over a reload', async () => {
    const star = (symbol: string): Locator => row(symbol).getByRole('button', { name: /favourite/ });
    for (const symbol of ['ltc', 'sol']) await star(symbol).click();
    await stage.page.reload();
    await rows().first().waitFor();
    expect(await star('ltc').getAttribute('aria-pressed')).toBe('true');
    expect(await star('btc').getAttribute('aria-pressed')).toBe('false');
    await stage.page.getByRole('button', { name: 'Favourites', exact: true }).click();
    await awaited('the favourites', symbols, (all) => all.join() === 'sol,ltc');
    await star('sol').click();
    await awaited('the one that is left', symbols, (all) => all.join() === 'ltc');
    await stage.page.getByRole('button', { name: 'All', exact: true }).click();
  });

  check('leads to an asset by a click anywhere in its row, and by keys', async () => {
    const title = (): Promise<string> => stage.page.locator('h1').first().innerText();
    await row('eth').locator('> .cap').click({ force: true });
    await awaited('the asset that was clicked', title, (text) => text.startsWith('Ethereum'));
    await stage.page.goBack();
    await row('btc').locator('.star-button').focus();
    await stage.page.keyboard.press('Tab');
    await stage.page.keyboard.press('Enter');
    await awaited('the asset that was chosen', title, (text) => text.startsWith('Bitcoin'));
    expect(await stage.page.evaluate('document.activeElement.id')).toBe('main');
    expect(await stage.page.title()).toMatch(/BTC/);
  });
}
