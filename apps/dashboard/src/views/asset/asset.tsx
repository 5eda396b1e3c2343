import { useComputed } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { HauntError } from '@haunt/client';
import { Failure } from '../../parts/notices.js';
import { sectionHref } from '../../route.js';
import { AssetDesk } from '../../state/desk.js';
import { sentenceOf } from '../../state/server.js';
import { ChartPanel } from './chart/chart-panel.js';
import { ConfidencePanel } from './confidence.js';
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
  const problem = desk.asset.problem.value;

  if (problem instanceof HauntError && problem.status === 404) return <Unknown sentence={problem.message} />;
  return (
    <main id="main" class="asset" tabIndex={-1}>
      <Heading desk={desk} />
      {problem !== undefined && desk.asset.answer.value === undefined && (
        <Failure sentence={sentenceOf(problem)} retry={() => desk.asset.refresh()} />
      )}
      <div class="asset-grid">
        <ChartPanel desk={desk} name={name} />
        <aside class="asset-side" aria-label="Figures">
          <ConfidencePanel desk={desk} />
          <FactsPanel desk={desk} />
        </aside>
        <ExplainPanel desk={desk} />
      </div>
    </main>
  );
}

function Unknown({ sentence }: { readonly sentence: string }) {
  return (
    <main id="main" class="asset is-unknown" tabIndex={-1}>
      <h1>No such asset</h1>
      <p>{`${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`}</p>
      <a class="button" href={sectionHref('market')}>
        Back to the market
      </a>
    </main>
  );
}
