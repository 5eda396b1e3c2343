import { awaited, DESKTOP, PHONE, violationsOf } from '../browser.js';
import { longest, type Move, recordMoves } from './in-page.js';
import { type Stage, type View, VIEWS } from './stage.js';

/** What holds of every view: on every screen, in both themes, for everybody. */
export function checkLooks(stage: Stage): void {
  const { check, rows } = stage;

  for (const [screen, size] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    for (const colorScheme of ['dark', 'light'] as const) {
      const title = `is there for everybody, simulated as it is, and fits: ${colorScheme}, on a ${screen}`;
      check(title, async () => {
        await stage.page.setViewportSize(size);
        await stage.page.emulateMedia({ colorScheme });
        const [red = NaN] = (await stage.page.evaluate<string>('getComputedStyle(document.body).backgroundColor'))
          .match(/\d+/g)!
          .map(Number);
        expect(red > 128 ? 'light' : 'dark').toBe(colorScheme);
        for (const view of Object.keys(VIEWS) as View[]) {
          await stage.go(view);
          if (view === 'asset') await stage.page.getByText('Candles as a table').click();
          expect([view, await violationsOf(stage.page)]).toEqual([view, []]);
          const banner = stage.page.locator('aside.simulated');
          expect([view, await banner.isVisible(), await banner.innerText()]).toEqual([
            view,
            true,
            expect.stringMatching(/simulated/i),
          ]);
          const beyond = await stage.page.evaluate('document.documentElement.scrollWidth - innerWidth');
          expect([view, beyond]).toEqual([view, 0]);
        }
      });
    }
  }

  check('does not move for who wants no motion', async () => {
    await stage.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await stage.page.setViewportSize(DESKTOP);
    await stage.go('market');
    await rows().first().waitFor();
    await recordMoves(stage.page);
    const moves = await awaited(
      'moves',
      () => stage.page.evaluate<Move[]>('moves'),
      (all) => all.length >= 5,
    );
    for (const { lastsMs } of moves) expect(lastsMs).toBeLessThanOrEqual(1);
    await stage.go('asset');
    const before = await stage.page.locator('.price-figure').innerText();
    await awaited(
      'another price',
      () => stage.page.locator('.price-figure').innerText(),
      (text) => text !== before,
    );
    expect(await stage.page.locator('.price-flash').evaluate(longest)).toBeLessThanOrEqual(1);
    await stage.page.emulateMedia({ reducedMotion: 'no-preference' });
  });
}
