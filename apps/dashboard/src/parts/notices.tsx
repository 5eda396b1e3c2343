import type { ComponentChildren } from 'preact';

/** A failure in the server's own words, and a way to try again. */
export function Failure({ sentence, retry }: { readonly sentence: string; readonly retry?: () => void }) {
  return (
    <div class="notice failure" role="alert">
      <p>{sentence}</p>
      {retry !== undefined && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Says why there is nothing. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="notice empty">
      <p class="notice-title">{title}</p>
      {children !== undefined && <p>{children}</p>}
    </div>
  );
}

/** Lines that stand where something is still to come. */
export function Skeleton({ lines, label }: { readonly lines: number; readonly label: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="sr">{label}</span>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} class="skeleton-line" />
      ))}
    </div>
  );
}
