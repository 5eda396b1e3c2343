const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What movers and volatility can be asked for: length in ms. */
export const MOVER_WINDOWS = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '4h': 4 * HOUR,
  '24h': 24 * HOUR,
} as const;

export type MoverWindow = keyof typeof MOVER_WINDOWS;

/** Shortest first. */
export const MOVER_WINDOW_NAMES = Object.keys(MOVER_WINDOWS) as readonly MoverWindow[];

/** The window that a text names, in any case; undefined when it names none. */
export function moverWindowOf(text: string): MoverWindow | undefined {
  const name = text.trim().toLowerCase();
  return MOVER_WINDOW_NAMES.find((window) => window === name);
}
