import type { QuotesView } from '@haunt/contracts';
import { awaited, violationsOf } from '../browser.js';
import { textsOf } from './in-page.js';
import { QUIET, SECOND, SYMBOLS, type Stage } from './stage.js';

/** Prices that stand still, and a server that is gone. */
export function checkTrouble(stage: Stage): void {
  const { check, row, rows, symbols } = stage;

  check('a price of which nobody says anything new looks like it, with its age', async () => {
    await stage.go('market');
    const chip = row(QUIET).locator('.chip.stale');
    await chip.waitFor({ timeout: 35 * SECOND });
    await awaited(
      'how old it is',
      async () => {
        const { lastUpdated } = await stage.demo.get<QuotesView>(`/api/crypto/${QUIET}/quotes`);
        return { seconds: Math.floor((Date.now() - lastUpdated) / SECOND), text: await chip.innerText() };
      },
      ({ seconds, text }) =>
        seconds >= 30 &&
        [seconds - 1, seconds, seconds + 1].some(
          (age) => text === `Stale ${age < 60 ? `${age} s` : `${Math.floor(age / 60)} min`}`,
        ),
    );
    const colour = (symbol: string): Promise<string> =>
      row(symbol)
        .getByTestId('price')
        .evaluate((one) => one.ownerDocument.defaultView.getComputedStyle(one).color as string);
    expect(await colour(QUIET)).not.toBe(await colour('btc'));
    expect(await row('btc').locator('.chip').count()).toBe(0);
    await row(QUIET).locator('.row-link').click();
    await awaited(
      'the same of its own view',
      () => stage.page.locator('.asset-trust .chip').innerText(),
      (text) => /^Stale, \d+ (s|min) old$/.test(text),
    );
    await stage.page.locator('.price-now.is-stale').waitFor();
    stage.demo.simulator.heal();
    await stage.page.locator('.price-now:not(.is-stale)').waitFor();
    await stage.go('market');
    await chip.waitFor({ state: 'detached' });
  });

  check('a server that is killed is missed within seconds, and its return needs nobody', async () => {
    const notice = stage.page.getByTestId('connection-lost');
    const prices = (): Promise<string[]> => textsOf(rows().getByTestId('price'));
    await awaited('all rows', symbols, (all) => all.length === SYMBOLS.length);
    await stage.page.evaluate('window.isTheSame = true');
    await stage.tab.alone(async () => {
      await stage.demo.kill();
      await notice.waitFor({ timeout: 5 * SECOND });
      expect(await notice.innerText()).toMatch(/^Connection lost \d+ s ago\. Prices are those of \d\d:\d\d:\d\d\./);
      expect(await stage.page.locator('.connection-label').innerText()).toMatch(/^(Reconnecting|Connecting)/);
      expect(await stage.page.locator('html').getAttribute('data-stale')).toBe('true');
      const frozen = await prices();
      const colours = await rows()
        .getByTestId('price')
        .evaluateAll((all) => all.map((one) => one.ownerDocument.defaultView.getComputedStyle(one).color as string));
      const muted = await stage.page
        .locator('.asset-row .rank')
        .first()
        .evaluate((one) => one.ownerDocument.defaultView.getComputedStyle(one).color as string);
      expect(new Set(colours)).toEqual(new Set([muted]));
      expect(await violationsOf(stage.page)).toEqual([]);
      await stage.demo.begin();
      await notice.waitFor({ state: 'detached', timeout: 30 * SECOND });
      await awaited('prices that move again', prices, (now) => now.filter((text, i) => text !== frozen[i]).length >= 5);
    });
    expect(await stage.page.locator('.connection-label').innerText()).toBe('Live');
    expect(await stage.page.locator('html').getAttribute('data-stale')).toBe('false');
    expect((await symbols()).toSorted()).toEqual(SYMBOLS.toSorted());
    expect(await stage.page.evaluate('window.isTheSame')).toBe(true);
  });
}
