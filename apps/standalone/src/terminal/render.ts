import { aligned, clock, count, percent, price, span } from './figures.js';
import { line, type Span, type Style } from './ink.js';
import type { AssetLine, NoticeLine, Picture, SourceLine } from './picture.js';

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

type Row = readonly Span[];

const STATE: Readonly<Record<SourceLine['state'], Style>> = {
  connected: 'green',
  connecting: 'yellow',
  starting: 'yellow',
  stale: 'yellow',
  failing: 'red',
  disabled: 'dim',
};

const STATUS: Readonly<Record<AssetLine['status'], Style>> = {
  normal: 'dim',
  degraded: 'yellow',
  'single-source': 'yellow',
  stale: 'red',
};

/** Columns of one asset: a margin, then 7 + 19 + 2 + 10 + 4 + 15. */
const ASSET_WIDTH = 58;
const MAX_ASSETS = 24;
const LEAST_ASSET_ROWS = 3;
const MAX_NOTICES = 4;

/** The whole picture as lines, none wider than the canvas, not more than it has rows. Pure. */
export function render(picture: Picture, canvas: Canvas): string[] {
  const head = header(picture, canvas.columns);
  const sources = [[], SOURCE_HEAD, ...picture.sources.map(sourceRow)];
  const foot = [[], footer(picture)];
  const room = canvas.rows - head.length - sources.length - foot.length;
  const across = Math.max(1, Math.floor(canvas.columns / ASSET_WIDTH));

  // What somebody has to act on comes before yet another price.
  const notices = noticeRows(picture.notices, Math.max(0, Math.min(MAX_NOTICES, room - LEAST_ASSET_ROWS - 4)));
  const assetRows = Math.max(0, Math.min(room - notices.length - 2, Math.ceil(MAX_ASSETS / across)));
  const assets = assetBlock(picture.assets, assetRows, across);

  const rows: Row[] = [...head, ...sources, ...assets, ...notices, ...foot];
  return rows.slice(0, canvas.rows).map((row) => line(row, canvas.columns, canvas.color));
}

function header(picture: Picture, columns: number): Row[] {
  const { url, uptimeMs, pricedAssets, updatesPerMinute } = picture;
  const left: Row = [
    { text: ' HAUNT ', style: 'bold' },
    { text: ` ${url}`, style: 'green' },
    { text: `   docs ${url}/docs`, style: 'dim' },
  ];
  const right = `${count(pricedAssets)} assets   ${count(updatesPerMinute)} updates/min   up ${span(uptimeMs)} `;
  const used = left.reduce((sum, { text }) => sum + text.length, 0);
  const gap = columns - used - right.length;
  const title: Row[] =
    gap >= 2
      ? [[...left, { text: ' '.repeat(gap) }, { text: right, style: 'dim' }]]
      : [left, [{ text: ` ${right}`, style: 'dim' }]];
  if (!picture.simulated) return title;
  const banner = ' SIMULATED   every price here is made up, for looking around and for tests';
  return [...title, [{ text: banner.padEnd(columns), style: 'banner' }]];
}

const SOURCE_HEAD: Row = [{ text: '   SOURCE         STATE         ASSETS   UPDATES/MIN', style: 'dim' }];

function sourceRow({ name, state, symbols, updatesPerMinute, note }: SourceLine): Row {
  const style = STATE[state];
  const lead: Row = [
    { text: ` ${state === 'disabled' ? '○' : '●'} `, style },
    { text: name.padEnd(15), style: state === 'disabled' ? 'dim' : 'plain' },
    { text: state.padEnd(14), style },
  ];
  // A source that brings nothing has no figures worth the room that its reason needs.
  if (updatesPerMinute === 0 && note !== '' && (state === 'failing' || state === 'disabled')) {
    return [...lead, { text: note, style: state === 'failing' ? 'red' : 'dim' }];
  }
  const figures = `${count(symbols).padStart(6)}${count(updatesPerMinute).padStart(14)}`;
  return [
    ...lead,
    { text: figures, style: updatesPerMinute === 0 ? 'dim' : 'plain' },
    { text: note === '' ? '' : `   ${note}`, style: state === 'failing' ? 'red' : 'dim' },
  ];
}

/** Reads downwards, like a newspaper: the most important is at the top left. */
function assetBlock(assets: readonly AssetLine[], rows: number, across: number): Row[] {
  if (rows === 0) return [];
  const title = ` ${'ASSET'.padEnd(7)}${'PRICE USD'.padStart(14)}${''.padEnd(7)}${'24 H'.padStart(10)}${'SRC'.padStart(4)}`;
  if (assets.length === 0) return [[], [{ text: ' Waiting for the first price.', style: 'dim' }]];
  const shown = assets.slice(0, rows * across);
  const height = Math.min(rows, Math.max(Math.ceil(shown.length / across), Math.min(shown.length, LEAST_ASSET_ROWS)));
  const used = Math.ceil(shown.length / height);
  const head: Row = Array.from({ length: used }, () => ({
    text: title.padEnd(ASSET_WIDTH),
    style: 'dim' as const,
  }));
  const body = Array.from({ length: height }, (_, row): Row => {
    return Array.from({ length: used }, (__, column) => shown[column * height + row]).flatMap((asset) =>
      asset === undefined ? [] : assetCell(asset),
    );
  });
  return [[], head, ...body];
}

function assetCell({ symbol, price: usd, direction, moved, change24h, sources, status }: AssetLine): Row {
  const up = direction === 'up';
  const arrow = direction === undefined ? ' ' : up ? '▲' : '▼';
  const tint: Style = direction === undefined ? 'plain' : up ? 'green' : 'red';
  const flash: Style = moved && direction !== undefined ? (up ? 'bright-green' : 'bright-red') : 'plain';
  const change = change24h === undefined ? '' : percent(change24h);
  return [
    { text: ` ${symbol.toUpperCase().slice(0, 7).padEnd(7)}`, style: status === 'stale' ? 'dim' : 'bold' },
    { text: aligned(price(usd), 9, 10), style: status === 'stale' ? 'dim' : flash },
    { text: ` ${arrow}`, style: tint },
    {
      text: change.padStart(10),
      style: change24h === undefined || change24h === 0 ? 'dim' : change24h > 0 ? 'green' : 'red',
    },
    { text: String(sources).padStart(4), style: 'dim' },
    { text: `  ${(status === 'normal' ? '' : status).padEnd(13)}`, style: STATUS[status] },
  ];
}

function noticeRows(notices: readonly NoticeLine[], most: number): Row[] {
  if (most === 0 || notices.length === 0) return [];
  return [
    [],
    ...notices.slice(-most).map(({ at, level, message }): Row => {
      return [
        { text: ` ${clock(at)} `, style: 'dim' },
        { text: message, style: level === 'error' ? 'red' : 'yellow' },
      ];
    }),
  ];
}

function footer({ logPath }: Picture): Row {
  return [{ text: ` Ctrl-C ends it   log ${logPath}`, style: 'dim' }];
}
