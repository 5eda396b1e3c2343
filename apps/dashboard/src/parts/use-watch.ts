import { useEffect } from 'preact/hooks';
import type { Resource } from '../state/resource.js';

/** Keeps a resource up to date as long as the component is there. */
export function useWatch<T>(resource: Resource<T>): void {
  useEffect(() => resource.watch(), [resource]);
}
