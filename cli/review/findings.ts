import type { Acknowledgement, Assembly, Finding } from './assembly.ts';
import { sortedBy } from './order.ts';

/** What is new on the one side, and gone from the other. */
export interface Changes<Entry> {
  readonly added: readonly Entry[];
  readonly removed: readonly Entry[];
}

export function findingChanges(base: Assembly, head: Assembly): Changes<Finding> {
  return changes(base.findings, head.findings, ({ rule, construct }) => `${rule} ${construct}`);
}

/** A reason that reads differently is another acknowledgement. */
export function acknowledgementChanges(base: Assembly, head: Assembly): Changes<Acknowledgement> {
  return changes(base.acknowledgements, head.acknowledgements, ({ rule, construct, reason }) =>
    [rule, construct, reason].join(' '),
  );
}

/** Compares two lists by what their entries are known by; both results are in its order. */
export function changes<Entry>(
  before: readonly Entry[],
  after: readonly Entry[],
  keyOf: (entry: Entry) => string,
): Changes<Entry> {
  const without = (entries: readonly Entry[], others: readonly Entry[]) => {
    const known = new Set(others.map(keyOf));
    return sortedBy(
      entries.filter((entry) => !known.has(keyOf(entry))),
      keyOf,
    );
  };
  return { added: without(after, before), removed: without(before, after) };
}
