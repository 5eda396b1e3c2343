import type { QuotesView } from '@haunt/contracts';
import { DEFAULT_SYMBOLS } from '@haunt/domain';
import type { Browser, Locator, Page } from 'playwright-core';
import { awaited, launchBrowser, shown, Tab } from '../browser.js';
import { LoneDemo } from '../lone-demo.js';
import { recordProgress, textsOf } from './in-page.js';

export const SECOND = 1_000;
export const SYMBOLS = DEFAULT_SYMBOLS.slice(0, 24);
const TRADES_PER_SECOND = 96;
/** Nobody says anything of it from the beginning on: by the time it is looked at, its price is stale. */
export const QUIET = 'doge';
/** The last one that would be seeded; its history is asked for at the beginning, and its view is the one that is looked at. */
export const ASKED_FOR = SYMBOLS.at(-1) as string;
/** Every view: its address and what stands at its head. */
export const VIEWS = {
  market: ['#/', 'Crypto prices'],
  asset: [`#/asset/${ASKED_FOR}`, ASKED_FOR.toUpperCase()],
  movers: ['#/movers', 'Movers'],
  sources: ['#/sources', 'Sources'],
  seeding: ['#/seeding', 'Seeding'],
} as const;
export type View = keyof typeof VIEWS;

/** One demo, one browser and one page in it, for one check after the other: what takes its time has it while others are made. */
export class Stage {
  demo!: LoneDemo;
  /** The page that is looked at. */
  tab!: Tab;
  /** The list of running jobs, which is watched from the beginning. */
  jobs!: Tab;
  /** Every page there was. */
  readonly tabs: Tab[] = [];
  private browser: Browser | undefined;

  get page(): Page {
    return this.tab.page;
  }

  /** A test whose failure says where to see what the page looked like. */
  readonly check = (title: string, body: () => Promise<void>, ms = 40 * SECOND): void =>
    it(title, () => shown(() => this.page, title, body), ms);

  /** Goes to a view, and waits until it is there. */
  async go(view: View): Promise<void> {
    const [hash, title] = VIEWS[view];
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await this.page.locator('main h1', { hasText: title }).waitFor();
    const waiting = this.page.locator('.skeleton, .is-covering');
    await awaited(
      `all of ${view}`,
      () => waiting.count(),
      (count) => count === 0,
    );
  }

  readonly row = (symbol: string): Locator => this.page.locator(`.asset-row[data-symbol="${symbol}"]`);
  readonly rows = (): Locator => this.page.locator('.asset-row');
  /** What a column of the table shows, from top to bottom. */
  readonly cells = (kind: string): Promise<string[]> =>
    textsOf(this.rows().locator(kind === 'name' ? '.row-link' : `> .${kind}`));
  /** Who is in the table, from top to bottom. */
  readonly symbols = (): Promise<string[]> =>
    this.rows().evaluateAll((all) => all.map((one) => one.getAttribute('data-symbol') as string));

  async begin(): Promise<void> {
    await Promise.all([
      LoneDemo.start(SYMBOLS, TRADES_PER_SECOND).then((started) => (this.demo = started)),
      launchBrowser().then((launched) => (this.browser = launched)),
    ]);
    const { demo } = this;
    const quotes = (symbol: string): Promise<QuotesView | undefined> =>
      demo.get<QuotesView>(`/api/crypto/${symbol}/quotes`).catch(() => undefined);
    const isTold = (found: QuotesView | undefined): boolean => (found?.sources.length ?? 0) >= 6;
    for (const symbol of ['btc', QUIET]) {
      await awaited(`a price of ${symbol}`, () => quotes(symbol), isTold, 30 * SECOND);
    }
    demo.silence(QUIET);
    this.jobs = await this.open(VIEWS.seeding[0]);
    await recordProgress(this.jobs.page, ASKED_FOR);
    await demo.post('/api/crypto/seed', { symbol: ASKED_FOR });
    this.tab = await this.open(VIEWS.market[0]);
    await this.rows().first().waitFor();
  }

  async end(): Promise<void> {
    await this.browser?.close();
    await this.demo?.stop();
  }

  private async open(hash: string): Promise<Tab> {
    const tab = await Tab.open(this.browser as Browser, this.demo.origin, hash);
    this.tabs.push(tab);
    return tab;
  }
}
