/** How a piece of a line looks. */
export type Style = 'plain' | 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'bright-green' | 'bright-red' | 'banner';

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

const CODES: Readonly<Record<Style, string>> = {
  plain: '',
  bold: '\x1b[1m',
  dim: '\x1b[2m',
  green: '\x1b[32m',
  red: '\x1b[31m',
  yellow: '\x1b[33m',
  'bright-green': '\x1b[1;32m',
  'bright-red': '\x1b[1;31m',
  banner: '\x1b[1;30;43m',
};
const RESET = '\x1b[0m';

/** Text from elsewhere as one visible line: an escape sequence in a venue's error must not steer our terminal. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ');
}

/** Spans as a line of at most `width` columns. All characters used here are one column wide. */
export function line(spans: readonly Span[], width: number, color: boolean): string {
  let left = width;
  let drawn = '';
  for (const { text, style = 'plain' } of spans) {
    if (left === 0) break;
    const clean = visible(text);
    const piece = clean.length > left ? `${clean.slice(0, left - 1)}…` : clean;
    left -= piece.length;
    drawn += color && style !== 'plain' ? `${CODES[style]}${piece}${RESET}` : piece;
  }
  return color ? drawn : drawn.trimEnd();
}
