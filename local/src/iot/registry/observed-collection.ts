import type { Collection } from '../../state/state.ts';

/** A collection that tells of every change, after it is made. A deleted value is given as undefined. */
export const observedCollection = <T>(
  collection: Collection<T>,
  changed: (value: T | undefined) => void,
): Collection<T> => ({
  get: (key) => collection.get(key),
  has: (key) => collection.has(key),
  set: (key, value) => {
    collection.set(key, value);
    changed(value);
  },
  delete: (key) => {
    const deleted = collection.delete(key);
    changed(undefined);
    return deleted;
  },
  keys: () => collection.keys(),
  values: () => collection.values(),
  get size() {
    return collection.size;
  },
});
