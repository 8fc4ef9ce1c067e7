// p-map does the same, and is longer than this.

/** As many requests as are under way at once: enough to be quick, few enough for AWS IoT's limits. */
const AT_ONCE = 8;

/** Maps items to results in their order, several at a time. The first failure is the failure of the whole. */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}
