import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { ADDED, type Row } from './time-series.ts';
import { valueIn } from './row-text.ts';

/* A field as people name it: a column, or what lies inside of one, such as `wind.speed` or `samples.0`. A name may hold
   dots itself, so each way to take them is tried, the longest name first. */

/** The columns in which a field may lie. */
export function columnsOf(field: string): string[] {
  return splits(field).flatMap(([column]) => (column === '' ? [] : [column]));
}

/** What a row has under a field; undefined when there is nothing. */
function valueAt(row: Row, field: string): AttributeValue | undefined {
  return firstFound(splits(field), ([column, rest]) => within(valueIn(row, column), rest));
}

/** A row with the columns of the cloud, and of these fields those that it has, each under the name that people gave it. */
export function withFields(row: Row, fields: readonly string[]): Row {
  return Object.fromEntries([
    ...ADDED.flatMap((column) => entry(column, valueIn(row, column))),
    ...fields.flatMap((field) => entry(field, valueAt(row, field))),
  ]);
}

function entry(name: string, value: AttributeValue | undefined): [string, AttributeValue][] {
  return value === undefined ? [] : [[name, value]];
}

function within(value: AttributeValue | undefined, path: string | undefined): AttributeValue | undefined {
  if (value === undefined || path === undefined) return value;
  const { M: map, L: list } = value;
  if (map === undefined && list === undefined) return undefined;
  return firstFound(splits(path), ([name, rest]) =>
    within(map ? valueIn(map, name) : /^\d+$/.test(name) ? list?.[Number(name)] : undefined, rest),
  );
}

/** `a.b.c` as [a.b.c], [a.b, c] and [a, b.c]. */
function splits(path: string): [name: string, rest: string | undefined][] {
  const dots = [...path.matchAll(/\./g)].map(({ index }) => index).reverse();
  return [[path, undefined], ...dots.map((dot): [string, string] => [path.slice(0, dot), path.slice(dot + 1)])];
}

function firstFound<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
