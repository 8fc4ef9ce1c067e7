// p-map does the same, and is longer than this.

/** As many requests as are under way at once: enough to be quick, few enough for AWS IoT's limits. */
const AT_ONCE = 8;

/**
 * Maps items to results in their order, several at a time. The first failure is the failure of the whole: nothing further is
 * begun, and what is under way comes to its end.
 */
export async function concurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  atOnce = AT_ONCE,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of waiting) {
      if (hasFailed) return;
      try {
        results[index] = await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
