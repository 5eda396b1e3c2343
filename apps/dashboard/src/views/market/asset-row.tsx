import { Component } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { change, directionOf, money } from '../../format.js';
import { Badge } from '../../parts/badge.js';
import { Change } from '../../parts/change.js';
import { StarIcon } from '../../parts/icons.js';
import { Price } from '../../parts/price.js';
import { Sparkline } from '../../parts/sparkline.js';
import { StatusChip } from '../../parts/status-chip.js';
import { assetHref } from '../../route.js';
import type { Asset } from '../../state/assets.js';
import { type Figures, figuresOf } from '../../state/figures.js';
import { favourites, toggleFavourite } from '../../state/table.js';
import { isOnScreen, seen } from './on-screen.js';

interface RowProps {
  readonly asset: Asset;
  /** Where it stands when it is first drawn, from 0. */
  readonly index: number;
}

/** One asset. When the table is put in order anew, its row only moves. */
export class AssetRow extends Component<RowProps> {
  override shouldComponentUpdate({ asset }: RowProps): boolean {
    return asset !== this.props.asset;
  }

  override render({ asset, index }: RowProps) {
    return <Row asset={asset} index={index} />;
  }
}

function Row({ asset, index }: RowProps) {
  const row = useRef<HTMLTableRowElement>(null);
  const visible = useSignal(isOnScreen(index));
  useEffect(() => (row.current === null ? undefined : seen(row.current, visible)), [visible]);
  // Off the screen nothing is drawn anew, however much happens.
  const live = visible.value ? asset.live.value : asset.live.peek();
  const facts = visible.value ? asset.facts.value : asset.facts.peek();
  const figures = figuresOf(facts, live);
  return (
    <tr ref={row} role="row" class={`market-grid asset-row ${figures.status}`} data-symbol={asset.key}>
      <Star asset={asset} name={figures.name} />
      <td role="cell" class="rank">
        {figures.rank === Infinity ? '–' : figures.rank}
      </td>
      <NameCell figures={figures} href={assetHref(asset.key)} />
      <td role="cell" class="price">
        <Price value={figures.price} direction={figures.direction} isWatched={visible.value} />
      </td>
      <td role="cell" class="h1">
        <Change value={figures.change1h} />
      </td>
      <td role="cell" class="h24">
        <Change value={figures.change24h} />
      </td>
      <td role="cell" class="volume">
        {money(figures.volume24h)}
      </td>
      <td role="cell" class="cap">
        {money(figures.marketCap)}
      </td>
      <Line closes={facts.sparkline} week={figures.change7d} />
    </tr>
  );
}

function Star({ asset, name }: { readonly asset: Asset; readonly name: string }) {
  const isFavourite = favourites.value.has(asset.id);
  return (
    <td role="cell" class="star">
      <button
        type="button"
        class="star-button"
        aria-pressed={isFavourite}
        aria-label={`${name}, favourite`}
        onClick={() => toggleFavourite(asset.id)}
      >
        <StarIcon filled={isFavourite} />
      </button>
    </td>
  );
}

function NameCell({ figures, href }: { readonly figures: Figures; readonly href: string }) {
  const { symbol, name, status, pricedAt } = figures;
  return (
    <th role="rowheader" scope="row" class="name">
      <Badge symbol={symbol} />
      <span class="names">
        <a href={href} class="row-link">
          {name}
        </a>
        <span class="under">
          <span class="symbol">{symbol}</span>
          <span class="under-cap">{money(figures.marketCap)}</span>
          <StatusChip status={status} pricedAt={pricedAt} />
        </span>
      </span>
    </th>
  );
}

function Line({ closes, week }: { readonly closes: readonly number[]; readonly week: number | undefined }) {
  // The path is as long as the rest of the row: it changes once a minute, the row four times a second.
  const line = useMemo(
    () => (
      <Sparkline
        closes={closes}
        direction={directionOf(week)}
        label={week === undefined ? 'The last 7 days' : `${change(week)} over 7 days`}
      />
    ),
    [closes, week],
  );
  return (
    <td role="cell" class="line">
      {line}
    </td>
  );
}
