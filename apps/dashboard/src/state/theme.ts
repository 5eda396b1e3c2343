import { computed, effect, signal } from '@preact/signals';
import { keep, recall } from './kept.js';

export type Theme = 'dark' | 'light';

const system = matchMedia('(prefers-color-scheme: light)');
const systemTheme = signal<Theme>(system.matches ? 'light' : 'dark');
const chosen = signal<Theme | undefined>(themeIn(recall('theme')));

/** What the page is drawn in: what was chosen, else what the system has. */
export const theme = computed<Theme>(() => chosen.value ?? systemTheme.value);

/** Chooses the other one. Back at the system's own, the page follows the system again. */
export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark';
  chosen.value = next === systemTheme.value ? undefined : next;
  keep('theme', chosen.value ?? null);
}

system.addEventListener('change', () => {
  systemTheme.value = system.matches ? 'light' : 'dark';
});

effect(() => {
  const { dataset } = document.documentElement;
  if (chosen.value === undefined) delete dataset['theme'];
  else dataset['theme'] = chosen.value;
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--ink-0').trim();
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) meta.content = colour;
});

function themeIn(text: string | null): Theme | undefined {
  return text === 'dark' || text === 'light' ? text : undefined;
}
