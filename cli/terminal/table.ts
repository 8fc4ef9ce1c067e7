import Table from 'cli-table3';
import { stripVTControlCharacters } from 'node:util';
import { colours, lineWidth, type Output, printableLines } from './terminal.ts';

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
};

/**
 * Rows under a head, in columns; a cell may have several lines. On a terminal that is too narrow, columns are left out, and
 * where that is not enough, cells are wrapped between words. A word is never broken: rather a line is too long.
 *
 * @param dispensable titles of columns that may be left out, the first one first
 */
export function table(
  output: Output,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  dispensable: readonly string[] = [],
): string {
  const room = lineWidth(output) ?? Infinity;
  const all = head.map(
    (title, index) =>
      new Column(
        title,
        rows.map((row) => printableLines(row[index] ?? '')),
      ),
  );
  const columns = fitting(all, dispensable, room);
  const gap = sum(columns.map(({ natural }) => natural)) + 2 * (columns.length - 1) <= room ? 2 : 1;
  const style = {
    'padding-left': 0,
    'padding-right': 0,
    head: colours(output).isColorSupported ? ['dim'] : [],
    border: [],
  };
  const options = {
    ...{ style, wordWrap: true, chars: { ...NO_LINES, middle: ' '.repeat(gap) } },
    colWidths: shrunk(columns, room - gap * (columns.length - 1)),
  };
  const texts = rows.map((_, row) => columns.map(({ cells }) => cells[row] ?? ''));
  // The library takes a time that grows with the square of the rows. All widths are known, so that parts come to the same.
  const parts = Array.from({ length: Math.ceil(texts.length / ROWS_AT_ONCE) || 1 }, (_, part) => {
    const lines = new Table({ ...options, head: part === 0 ? columns.map(({ title }) => title) : [] });
    lines.push(...texts.slice(part * ROWS_AT_ONCE, (part + 1) * ROWS_AT_ONCE));
    return lines.toString();
  });
  return parts.join('\n').replace(/ +$/gm, '');
}

const ROWS_AT_ONCE = 50;

class Column {
  readonly title: string;
  readonly cells: readonly string[];
  /** What it takes with no cell wrapped, in characters, and with all of them wrapped. */
  readonly natural: number;
  readonly least: number;

  constructor(title: string, cells: readonly string[]) {
    this.title = title;
    this.cells = cells;
    const texts = [title, ...cells].map(stripVTControlCharacters);
    this.natural = longest(texts.flatMap((text) => text.split('\n')));
    this.least = longest(texts.flatMap((text) => text.split(/\s/)));
  }
}

/** Leaves columns out while the others have no room, unwrapped and with a blank between them. */
function fitting(columns: readonly Column[], dispensable: readonly string[], room: number): readonly Column[] {
  if (sum(columns.map(({ natural }) => natural)) + columns.length - 1 <= room) return columns;
  const [first, ...others] = dispensable;
  if (first === undefined) return columns;
  return fitting(
    columns.filter(({ title }) => title !== first),
    others,
    room,
  );
}

/** Takes from the widest column that has words to wrap, again and again, until all fit or nothing can be taken. */
function shrunk(columns: readonly Column[], room: number): number[] {
  const widths = columns.map(({ natural }) => natural);
  while (sum(widths) > room) {
    const spare = widths.map((width, index) => (width > (columns[index]?.least ?? 0) ? width : 0));
    const widest = Math.max(...spare);
    if (widest === 0) break;
    widths[spare.indexOf(widest)] = widest - 1;
  }
  return widths;
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, { length }) => Math.max(most, length), 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
