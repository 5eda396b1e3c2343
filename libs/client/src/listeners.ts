/** Who listens to what. `Events` maps each name to what its listeners are called with. */
export class Listeners<Events extends object> {
  private readonly byEvent = new Map<keyof Events, Set<(value: never) => void>>();

  /** @returns a function that ends it */
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
    const listeners = this.byEvent.get(event) ?? new Set();
    this.byEvent.set(event, listeners);
    // The same function may listen twice, and end once.
    const mine = (value: Events[E]): void => listener(value);
    listeners.add(mine);
    return () => void listeners.delete(mine);
  }

  tell<E extends keyof Events>(event: E, value: Events[E]): void {
    for (const listener of this.byEvent.get(event) ?? []) call(listener as (value: Events[E]) => void, value);
  }
}

/** Calls a listener; what it throws is reported as uncaught, and does not keep the others from hearing. */
export function call<V>(listener: ((value: V) => void) | undefined, value: V): void {
  try {
    listener?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
