import { Inject, Injectable } from '@nestjs/common';
import { type AssetSymbol, type ExplainedQuote, type RegisteredAsset, SOURCES } from '@haunt/domain';
import { AssetDirectory, Clock, CONFIG, type Config } from '@haunt/platform';
import { MarketClient } from '../market-client.js';
import { SourceBoard } from '../source-board.js';
import { ProblemError, unknownAsset } from './problem.js';

/** How long what was heard of an asset's quotes serves everybody who asks. */
const HEARD_MS = 1_000;
const HEARD_MOST = 1_000;
const AGAIN_SECONDS = 5;

interface Why {
  readonly sentence: string;
  /** Seconds after which it may be otherwise; null where waiting does not help. */
  readonly retryAfter: number | null;
}

/** Says why there is no price of an asset: whether it is followed, who carries it, and what is wrong with what they say. */
@Injectable()
export class Absence {
  private readonly heard = new Map<AssetSymbol, { readonly at: number; readonly quotes: Promise<ExplainedQuote[]> }>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly directory: AssetDirectory,
    private readonly sources: SourceBoard,
    private readonly market: MarketClient,
    private readonly clock: Clock,
  ) {}

  /** Why there is no price of what `id` names: 404 for what nobody knows, otherwise 503. */
  async of(id: string): Promise<ProblemError> {
    const asset = this.directory.find(id);
    const symbol = asset?.symbol ?? id.toLowerCase();
    if (asset === undefined && !this.isFollowed(symbol)) return unknownAsset(id);
    const { sentence, retryAfter } = await this.why(symbol, nameOf(symbol, asset));
    const more = { asset: asset ? { id: asset.id, symbol, name: asset.name } : { symbol } };
    return new ProblemError(503, 'no_price_yet', sentence, more, retryAfter);
  }

  private async why(symbol: AssetSymbol, name: string): Promise<Why> {
    if (!this.isFollowed(symbol)) {
      const { tracked, source } = this.directory.registry;
      const not = `there is no price of ${name}: this server does not follow it, only`;
      if (this.config.symbols !== undefined) return never(`${not} what SYMBOLS names`);
      if (source !== undefined) return never(`${not} the ${tracked.length} largest that are listed`);
      return soon(`${not} the ${tracked.length} it begins with, until a listing has come`);
    }
    const { carriers, undecided } = this.sources.carriersOf(symbol);
    if (carriers.length > 0) {
      const wrong = faultsOf(await this.quotes(symbol));
      const names = listOf(carriers.map((source) => SOURCES[source].name));
      if (wrong !== undefined) return soon(`there is no price of ${name}: none of its quotes counts; ${wrong}`);
      return soon(
        `there is no price of ${name} yet: ${names} ${carriers.length === 1 ? 'has' : 'have'} it, and told none`,
      );
    }
    if (undecided.length > 0) {
      const names = listOf(undecided.map((source) => SOURCES[source].name));
      return soon(
        `there is no price of ${name} yet: ${names} ${undecided.length === 1 ? 'has' : 'have'} not said what there is`,
      );
    }
    return never(`there is no price of ${name}: none of the sources configured has it`);
  }

  private isFollowed(symbol: AssetSymbol): boolean {
    const { symbols } = this.config;
    if (symbols === undefined) return this.directory.registry.tracked.includes(symbol);
    return symbols.some((wanted) => (this.directory.find(wanted)?.symbol ?? wanted) === symbol);
  }

  /** None where the aggregator does not answer. */
  private quotes(symbol: AssetSymbol): Promise<ExplainedQuote[]> {
    const now = this.clock.now();
    const heard = this.heard.get(symbol);
    if (heard !== undefined && Math.abs(now - heard.at) < HEARD_MS) return heard.quotes;
    const quotes = this.market.quotes(symbol).then(
      (told) => [...told],
      () => [],
    );
    if (this.heard.size >= HEARD_MOST) this.heard.clear();
    this.heard.set(symbol, { at: now, quotes });
    return quotes;
  }
}

function never(sentence: string): Why {
  return { sentence, retryAfter: null };
}

function soon(sentence: string): Why {
  return { sentence: `${sentence}; try again in a few seconds`, retryAfter: AGAIN_SECONDS };
}

function nameOf(symbol: AssetSymbol, asset: RegisteredAsset | undefined): string {
  return asset === undefined ? symbol : `${asset.name} (${symbol})`;
}

/** What is wrong with each quote, said once for those of which the same is. */
function faultsOf(quotes: readonly ExplainedQuote[]): string | undefined {
  const pairs = new Map<string, string[]>();
  for (const { source, pair, reason } of quotes) {
    if (reason === undefined) continue;
    const those = pairs.get(reason) ?? [];
    pairs.set(reason, [...those, `${SOURCES[source].name} ${pair}`]);
  }
  if (pairs.size === 0) return undefined;
  return [...pairs].map(([reason, those]) => `${listOf(those)}: ${reason}`).join('; ');
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
