import type { ExchangeView, LiveMovers } from '@haunt/contracts';
import type { Locator } from 'playwright-core';
import { awaited, shown } from '../browser.js';
import { figure } from './in-page.js';
import { ASKED_FOR, SECOND, type Stage } from './stage.js';

/** Movers, sources and seeding. */
export function checkViews(stage: Stage): void {
  const { check } = stage;

  check('movers: windows by arrow keys, and a list that follows the market', async () => {
    await stage.go('movers');
    const chosen = (): Promise<string> => stage.page.getByRole('tab', { selected: true }).innerText();
    await stage.page.getByRole('tab', { selected: true }).focus();
    await stage.page.keyboard.press('Home');
    expect(await chosen()).toBe('1m');
    for (const next of ['5m', '15m', '1h', '4h', '24h', '1m']) {
      await stage.page.keyboard.press('ArrowRight');
      expect(await chosen()).toBe(next);
      expect(await stage.page.evaluate('document.activeElement.dataset.tab')).toBe(next);
    }
    for (let i = 0; i < 3; i++) await stage.page.keyboard.press('ArrowRight');
    expect(await chosen()).toBe('1h');
    const listed = (side: 'gainers' | 'losers'): Promise<string[]> =>
      stage.page
        .getByTestId(side)
        .locator('.mover-row')
        .evaluateAll((all) => all.map((one) => one.getAttribute('data-symbol') as string));
    await awaited(
      'the list of the server',
      async () => {
        const { gainers, losers } = await stage.demo.get<LiveMovers>('/api/market/movers?timeframe=1h&limit=20');
        const said = [...gainers, '|', ...losers]
          .map((one) => (typeof one === 'string' ? one : one.symbol.toLowerCase()))
          .join();
        return { said, shown: [...(await listed('gainers')), '|', ...(await listed('losers'))].join() };
      },
      ({ said, shown: seen }) => said === seen && said.split(',').length >= 4,
    );
    stage.demo.simulator.fault('all', { kind: 'price', factor: 1.2, symbols: ['eth'] });
    await awaited(
      'who rose by a fifth, first',
      () => listed('gainers'),
      ([first]) => first === 'eth',
    );
    await awaited(
      'by how much',
      async () =>
        figure(await stage.page.getByTestId('gainers').locator('.mover-row').first().locator('.swing').innerText()),
      (percent) => percent > 15 && percent < 25,
    );
    stage.demo.simulator.heal('all', 'price');
    await awaited(
      'the others again',
      () => listed('gainers'),
      ([first]) => first !== 'eth',
    );
  });

  check('sources: one that refuses is failing, says why, and comes back', async () => {
    await stage.go('sources');
    const source = (id: string): Locator => stage.page.locator(`.source-row[data-source="${id}"]`);
    expect(await stage.page.locator('.source-row').count()).toBe(10);
    await source('huobi').getByText('Connected').waitFor();
    stage.demo.simulator.fault('huobi', { kind: 'refuse' });
    stage.demo.simulator.fault('huobi', { kind: 'drop' });
    await source('huobi').getByText('Failing').waitFor();
    await awaited(
      'its last error',
      async () => {
        const all = await stage.demo.get<ExchangeView[]>('/api/market/exchanges');
        const said = all.find(({ source: id }) => id === 'huobi')?.lastError ?? '';
        return { said, shown: await source('huobi').locator('.remarks').innerText() };
      },
      ({ said, shown: remarks }) => said !== '' && remarks.includes(said) && /503/.test(remarks),
    );
    stage.demo.simulator.heal('huobi', 'refuse');
    await source('huobi')
      .getByText('Connected')
      .waitFor({ timeout: 30 * SECOND });
  });

  check('seeding: a job that is asked for goes from its beginning to its end', async () => {
    const done = stage.jobs.page.getByTestId('jobs-just-done').locator(`.job[data-symbol="${ASKED_FOR}"]`);
    await shown(
      () => stage.jobs.page,
      'seeding',
      () => done.waitFor({ state: 'attached', timeout: 30 * SECOND }),
    );
    const steps = await stage.jobs.page.evaluate<{ value: number; share: number }[]>('progress');
    const values = steps.map(({ value }) => value);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values.length).toBeGreaterThanOrEqual(4);
    expect(values[0]).toBeLessThan(50);
    expect(values.at(-1)).toBe(100);
    for (const { value, share } of steps) expect(Math.abs(share * 100 - value)).toBeLessThan(1);
    await stage.jobs.close();
  });
}
