import { SOURCES, type SourceId, type SourceStatus } from '@haunt/domain';
import { clock, count, percent, price } from './figures.js';
import { visible } from './ink.js';
import type { NoticeLine, Picture } from './picture.js';
import { noteOn } from './source-line.js';

/** For an output that is no terminal: a line when a source changes its mind, and a summary now and then. */
export class Reporter {
  private readonly said = new Map<SourceId, string>();

  constructor(
    private readonly print: (line: string) => void,
    private readonly now: () => number,
  ) {}

  begin({ url, simulated, logPath }: Picture): void {
    if (simulated) this.print('SIMULATED: every price here is made up');
    this.print(`Haunt listens on ${url}   docs ${url}/docs   log ${logPath}`);
  }

  /** Says what is new about a source: not that a failed one is tried once more, nor that it failed once more the same. */
  status(status: SourceStatus): void {
    const { source, state, lastError, reason, symbols } = status;
    if (state === 'connecting') return;
    const news = `${state} ${state === 'failing' ? (lastError?.message ?? '') : (reason ?? '')}`;
    if (this.said.get(source) === news) return;
    this.said.set(source, news);
    const note = noteOn(status, this.now());
    const assets = state === 'connected' ? `, ${count(symbols)} assets` : '';
    this.say(`${SOURCES[source].name} ${state}${assets}${note === '' ? '' : `: ${note}`}`);
  }

  /** An error is worth a line wherever it goes; warnings are in the log. */
  notice({ level, message }: NoticeLine): void {
    if (level === 'error') this.say(`error: ${message}`);
  }

  summary({ sources, pricedAssets, updatesPerMinute, assets, simulated }: Picture): void {
    const connected = sources.filter(({ state }) => state === 'connected').length;
    const top = assets.slice(0, 3).map((asset) => {
      const change = asset.change24h === undefined ? '' : ` ${percent(asset.change24h)}`;
      return `${asset.symbol.toUpperCase()} ${price(asset.price)}${change}${asset.status === 'normal' ? '' : ` (${asset.status})`}`;
    });
    const parts = [
      `${connected} of ${sources.length} sources connected`,
      `${count(pricedAssets)} assets`,
      `${count(updatesPerMinute)} updates a minute`,
      ...top,
    ];
    this.say(`${simulated ? 'SIMULATED  ' : ''}${parts.join(', ')}`);
  }

  private say(text: string): void {
    this.print(`${clock(this.now())} ${visible(text)}`);
  }
}
