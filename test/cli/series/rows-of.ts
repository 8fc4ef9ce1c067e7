import type { Row } from '../../../cli/rows/time-series.ts';

/** Rows as the reader of the time-series gives them, in pages. */
export async function* pagesOf(...pages: readonly (readonly Row[])[]): AsyncGenerator<readonly Row[]> {
  yield* pages;
}

/** @param received in milliseconds since 1970 */
export function rowWith(received: number, numbers: Readonly<Record<string, number>>): Row {
  const fields = Object.entries(numbers).map(([field, number]) => [field, { N: String(number) }] as const);
  return { received: { N: String(received) }, device: { S: 'kitchen' }, ...Object.fromEntries(fields) };
}
