import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { HauntError } from '@haunt/client';
import { Failure } from '../../parts/notices.js';
import { price } from '../../format.js';
import { sectionHref } from '../../route.js';
import { now } from '../../state/clock.js';
import { AssetDesk } from '../../state/desk.js';
import { sentenceOf } from '../../state/server.js';
import { ChartPanel } from './chart/chart-panel.js';
import { ExplainPanel } from './explain/explain-panel.js';
import { FactsPanel } from './facts.js';
import { Heading } from './heading.js';

/** Everything about one asset. `symbol` as in the address: in lower case, or a numeric id. */
export function AssetView({ symbol }: { readonly symbol: string }) {
  // Another asset is another view: nothing of the last one may stay on the screen.
  return <AssetPage key={symbol} symbol={symbol} />;
}

function AssetPage({ symbol }: { readonly symbol: string }) {
  const desk = useMemo(() => new AssetDesk(symbol), [symbol]);
  useEffect(() => desk.open(), [desk]);
  const name = useComputed(() => desk.asset.answer.value?.value.name ?? symbol.toUpperCase());
  useTitle(desk);
  const problem = desk.asset.problem.value;

  if (problem instanceof HauntError && problem.status === 404) return <Unknown sentence={problem.message} />;
  return (
    <div class="asset">
      <Heading desk={desk} />
      {problem !== undefined && desk.asset.answer.value === undefined && (
        <Failure sentence={sentenceOf(problem)} retry={() => desk.asset.refresh()} />
      )}
      <div class="asset-page">
        <ChartPanel desk={desk} name={name} />
        <FactsPanel desk={desk} />
        <ExplainPanel desk={desk} />
      </div>
    </div>
  );
}

/** The price where a reader sees it from other tabs, at most once a second. */
function useTitle(desk: AssetDesk): void {
  useSignalEffect(() => {
    void now.value;
    const symbol = desk.asset.answer.value?.value.symbol;
    const at = desk.price.peek();
    if (symbol !== undefined && at !== undefined) document.title = `${price(at.price)} ${symbol} · Haunt`;
  });
}

function Unknown({ sentence }: { readonly sentence: string }) {
  return (
    <div class="asset is-unknown">
      <h1>No such asset</h1>
      <p>{`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`}</p>
      <a class="button" href={sectionHref('market')}>
        Back to the market
      </a>
    </div>
  );
}
