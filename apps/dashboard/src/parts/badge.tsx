const HUES = 12;

/** The letters of an asset on a colour of its own: always the same for the same symbol, and loaded from nowhere. */
export function Badge({ symbol, size = 32 }: { readonly symbol: string; readonly size?: number }) {
  const letters = lettersOf(symbol);
  return (
    <span
      class={`badge hue-${hueOf(symbol)}`}
      style={{ '--size': `${size / 16}rem` }}
      data-letters={letters.length}
      aria-hidden="true"
    >
      {letters}
    </span>
  );
}

/** Four letters still can be read, of longer ones three. */
function lettersOf(symbol: string): string {
  const letters = symbol.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();
  return letters.slice(0, letters.length === 4 ? 4 : 3) || '?';
}

/** One of a dozen hues, by FNV-1a of the symbol. */
export function hueOf(symbol: string): number {
  let value = 0x811c9dc5;
  for (const letter of symbol.toLowerCase()) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (value >>> 0) % HUES;
}
