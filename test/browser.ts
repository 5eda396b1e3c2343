import { accessSync, constants, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page, type Request } from 'playwright-core';
import { until } from './until.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat(
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
);
/** How Chromium says that nobody listens, that who listened is gone, or that he has only just come. */
const NOBODY_THERE =
  /ERR_CONNECTION_(REFUSED|RESET|CLOSED)|ERR_EMPTY_RESPONSE|ERR_SOCKET_NOT_CONNECTED|WebSocket connection to|status of 50[34]|^50[34] /;

/** The installed browser: `CHROMIUM`, or the first of the usual names on PATH. */
const installed = [
  ...(process.env['CHROMIUM'] ? [process.env['CHROMIUM']] : []),
  ...(process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))),
].find(isExecutable);

/** A `describe` that needs a browser; where there is none it is skipped, and its title says why. */
export function describeBrowser(title: string, body: () => void): void {
  if (installed !== undefined) describe(title, body);
  else describe.skip(`${title} (skipped: no chromium on PATH, and CHROMIUM names none)`, body);
}

/** @throws Error when the installed browser does not start. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: installed as string, args: FLAGS, timeout: 60_000 });
}

/** A page of the dashboard, and everything it did that it must not do. */
export class Tab {
  /** Errors and warnings of the console, errors of scripts, answers that are none, requests to anybody else. */
  readonly complaints: string[] = [];
  #isAlone = false;

  private constructor(
    readonly page: Page,
    readonly origin: string,
  ) {}

  /** Opens `path` of the server at `origin` in a browser that remembers nothing. */
  static async open(browser: Browser, origin: string, path: string, options: BrowserContextOptions = {}): Promise<Tab> {
    const context = await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark', ...options });
    context.setDefaultTimeout(20_000);
    const tab = new Tab(await context.newPage(), origin);
    await tab.#listen();
    await tab.page.goto(`${origin}/${path}`);
    return tab;
  }

  /** While `body` runs the server is gone: what Chromium says of that is no complaint. */
  async alone(body: () => Promise<void>): Promise<void> {
    this.#isAlone = true;
    await body();
    this.#isAlone = false;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  async #listen(): Promise<void> {
    const { page } = this;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#complain(message.text());
    });
    page.on('pageerror', (error) => this.#complain(`not caught: ${error.stack ?? error.message}`));
    page.on('request', (request) => this.#leads(request.url()));
    page.on('websocket', (socket) => this.#leads(socket.url().replace(/^ws/, 'http')));
    page.on('response', (answer) => {
      if (answer.status() >= 400) this.#complain(`${answer.status()} ${answer.url()}`);
    });
    page.on('requestfailed', (request) => this.#failed(request));
    await page.addInitScript(
      `addEventListener('securitypolicyviolation', (e) => console.error('policy:', e.violatedDirective, e.blockedURI))`,
    );
  }

  #leads(url: string): void {
    const { protocol, origin } = new URL(url);
    if (protocol.startsWith('http') && origin !== this.origin) this.#complain(`asked somebody else: ${url}`);
  }

  #failed(request: Request): void {
    const why = request.failure()?.errorText ?? '';
    // What the page itself has called off.
    if (why !== 'net::ERR_ABORTED') this.#complain(`${why} ${request.url()}`);
  }

  #complain(what: string): void {
    if (!(this.#isAlone && NOBODY_THERE.test(what))) this.complaints.push(what);
  }
}

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Colours on their way from one to another are neither of them. */
const SETTLED = `new Promise(requestAnimationFrame).then(() => Promise.allSettled(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map(({ finished }) => finished)))`;

/** What axe-core finds wrong with the page once it has settled, a line each. The page's own policy stays in force. */
export async function violationsOf(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(AXE);
  await page.evaluate(SETTLED);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html}\n  ${failureSummary.replace(/\s+/g, ' ')}`),
  );
}

/** Runs `body`; when it fails, the error says where to see what the page looked like then. */
export async function shown(page: () => Page | undefined, name: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    const path = join(mkdtempSync(join(tmpdir(), 'haunt-page-')), `${name.replace(/\W+/g, '-').slice(0, 60)}.png`);
    const isTaken = await page()
      ?.screenshot({ path, timeout: 10_000 })
      .then(Boolean, () => false);
    if (error instanceof Error && isTaken === true) error.message += `\nThe page at that moment: ${path}`;
    throw error;
  }
}

/** Waits until `find` gives something that `expected` accepts; says what it was last when it does not. @returns it */
export async function awaited<T>(
  what: string,
  find: () => Promise<T>,
  expected: (found: T) => boolean,
  ms = 15_000,
): Promise<T> {
  let last: T | undefined;
  await until(
    what,
    async () => expected((last = await find())) || `it was ${JSON.stringify(last)?.slice(0, 600) ?? 'nothing'}`,
    ms,
  );
  return last as T;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
