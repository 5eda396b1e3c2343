import type { Locator, Page } from 'playwright-core';

/** One change of a price in the table, as it was drawn. */
export interface Move {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  readonly flash: string;
  /** How long its animation takes; 0 without one. */
  readonly lastsMs: number;
}

/** What is on the canvas of the chart. */
export interface Ink {
  /** Shares of the pixels: in the colours of candles that rose and fell, and with anything on them. */
  readonly up: number;
  readonly down: number;
  readonly covered: number;
  /** Differs when the picture does. */
  readonly print: number;
}

interface Running {
  readonly effect: { getTiming(): { readonly duration: number } };
}

/** The text of each element. */
export async function textsOf(elements: Locator): Promise<string[]> {
  return elements.evaluateAll((all) => all.map((one) => one.innerText as string));
}

/** The first number in what is shown, as $1.92T, −1.25%, 12,345 or $0.0₅1234; NaN where there is none. */
export function figure(text: string): number {
  const zeros = '₀₁₂₃₄₅₆₇₈₉';
  const plain = text
    .replace(/0([₀₁₂₃₄₅₆₇₈₉]+)/, (_all, count: string) =>
      '0'.repeat(Number(Array.from(count, (c) => zeros.indexOf(c)).join(''))),
    )
    .replaceAll('−', '-')
    .replaceAll(',', '');
  const [, sign = '', number, unit = ''] = /([-+]?)\$?(\d+(?:\.\d+)?)([KMBT]?)/.exec(plain) ?? [];
  if (number === undefined) return NaN;
  const size = { '': 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 }[unit as '' | 'K'];
  return Number(`${sign}${number}`) * size;
}

/** How long what is moving on an element takes, ms; 0 when nothing is. Runs in the page. */
export const longest = (one: { getAnimations(options: object): Running[] }): number =>
  Math.max(0, ...one.getAnimations({ subtree: true }).map(({ effect }) => effect.getTiming().duration));

/** From now on every change of a price in the table is written down, in `moves` of the page. */
export async function recordMoves(page: Page): Promise<void> {
  await page.locator('table.assets tbody').evaluate((body) => {
    const view = body.ownerDocument.defaultView;
    const shown = new Map<string, { text: string; price: number }>();
    const look = (): void => {
      for (const one of body.querySelectorAll('.live-price')) {
        const symbol = one.closest('[data-symbol]').getAttribute('data-symbol') as string;
        const text = one.textContent as string;
        const price = Number(one.title.replace(/[$,]/g, ''));
        const before = shown.get(symbol);
        if (before?.text === text) continue;
        shown.set(symbol, { text, price });
        if (before === undefined || before.price === price) continue;
        const [, flash = 'none'] = /flash-(up|down)-/.exec(one.className) ?? [];
        const flashes = one.getAnimations({ subtree: true }) as Running[];
        const lastsMs = Math.max(0, ...flashes.map(({ effect }) => effect.getTiming().duration));
        view.moves.push({ symbol, from: before.price, to: price, flash, lastsMs });
      }
    };
    view.moves = [];
    look();
    new view.MutationObserver(look).observe(body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
  });
}

/** From now on every step of the job of this asset is written down, in `progress` of the page: what it says and how far its bar is. */
export async function recordProgress(page: Page, symbol: string): Promise<void> {
  await page.locator('#app').evaluate((app, name) => {
    const view = app.ownerDocument.defaultView;
    view.progress = [];
    const look = (): void => {
      const bar = app.querySelector(`.job[data-symbol="${name}"] [role="progressbar"]`);
      if (bar === null) return;
      const value = Number(bar.getAttribute('aria-valuenow'));
      const fill = view.getComputedStyle(bar, '::before');
      const share = Number(bar.style.getPropertyValue('--share'));
      if (view.progress.at(-1)?.value !== value) view.progress.push({ value, share, fill: fill.transform });
    };
    new view.MutationObserver(look).observe(app, { subtree: true, childList: true, attributes: true });
  }, symbol);
}

/** Where the candles are drawn (CSS pixels of the window), and how many there are. */
export async function plotOf(
  page: Page,
): Promise<{ x: number; y: number; width: number; height: number; count: number }> {
  const slider = page.getByRole('slider');
  const box = await slider.locator('canvas').first().boundingBox();
  if (box === null) throw new Error('there is no chart');
  return { ...box, count: Number(await slider.getAttribute('aria-valuemax')) + 1 };
}

/** Reads the canvas of the candles, between two shares of its width. */
export async function chartInk(page: Page, [from, to]: readonly [number, number] = [0, 1]): Promise<Ink> {
  return page
    .getByRole('slider')
    .locator('canvas')
    .first()
    .evaluate(
      (canvas, [a, b]) => {
        const style = canvas.ownerDocument.defaultView.getComputedStyle(canvas);
        const colour = (name: string): number[] =>
          (style.getPropertyValue(name).trim().slice(1).match(/../g) as string[]).map((part) => parseInt(part, 16));
        const [up, down] = [colour('--up'), colour('--down')];
        const left = Math.ceil(a * canvas.width);
        const width = Math.max(1, Math.floor(b * canvas.width) - left);
        // Of a copy: whoever reads a canvas often changes how it is drawn.
        const copy = canvas.ownerDocument.createElement('canvas');
        Object.assign(copy, { width, height: canvas.height });
        const context = copy.getContext('2d', { willReadFrequently: true });
        context.drawImage(canvas, -left, 0);
        const { data } = context.getImageData(0, 0, width, copy.height);
        const found = { up: 0, down: 0, covered: 0, print: 0 };
        const isNear = (i: number, [red = 0, green = 0, blue = 0]: number[]): boolean =>
          Math.abs(data[i] - red) + Math.abs(data[i + 1] - green) + Math.abs(data[i + 2] - blue) < 24;
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] > 0) found.covered++;
          if (data[i + 3] > 250 && isNear(i, up)) found.up++;
          if (data[i + 3] > 250 && isNear(i, down)) found.down++;
          found.print = (Math.imul(found.print, 31) + data[i] + data[i + 1] + data[i + 3]) | 0;
        }
        const all = data.length / 4;
        return { up: found.up / all, down: found.down / all, covered: found.covered / all, print: found.print };
      },
      [from, to] as const,
    );
}
