/** A copy in the order of a key, by code units: the same in every locale. */
export function sortedBy<Entry>(entries: Iterable<Entry>, keyOf: (entry: Entry) => string): Entry[] {
  return [...entries].sort((a, b) => {
    const [keyA, keyB] = [keyOf(a), keyOf(b)];
    return keyA < keyB ? -1 : Number(keyA > keyB);
  });
}
