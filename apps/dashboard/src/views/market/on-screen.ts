import type { Signal } from '@preact/signals';

/** Rows that surely are on the screen before anybody has measured. */
const FIRST = 16;

const visible = new WeakMap<Element, Signal<boolean>>();

// A little early, so that nobody scrolls onto a price that stands still.
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const signal = visible.get(target);
      if (signal !== undefined) signal.value = isIntersecting;
    }
  },
  { rootMargin: '120px 0px' },
);

/** Whether a row is taken to be on the screen until it has been looked at. `index` from 0. */
export function isOnScreen(index: number): boolean {
  return index < FIRST;
}

/** Sets `signal` to whether `element` is on the screen, until the returned function is called. */
export function seen(element: Element, signal: Signal<boolean>): () => void {
  visible.set(element, signal);
  observer.observe(element);
  return () => observer.unobserve(element);
}
