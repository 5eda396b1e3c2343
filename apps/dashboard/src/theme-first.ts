/** Runs before the first paint, apart from the bundle: otherwise a page in the other theme would flash. */
try {
  const kept = localStorage.getItem('haunt.theme');
  if (kept === 'dark' || kept === 'light') document.documentElement.dataset['theme'] = kept;
} catch {
  // Storage may be forbidden; the system's theme it is.
}
