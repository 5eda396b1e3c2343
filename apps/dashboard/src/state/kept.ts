/** What the reader chose, kept in this browser; a browser that keeps nothing forgets it with the page. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(`haunt.${name}`);
  } catch {
    return null;
  }
}

/** Keeps `value`, or forgets what was kept when it is null. */
export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`haunt.${name}`);
    else localStorage.setItem(`haunt.${name}`, value);
  } catch {
    // Private windows may refuse: it holds until the page is closed.
  }
}
