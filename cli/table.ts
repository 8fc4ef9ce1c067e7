import Table from 'cli-table3';
import { colours, type Output } from './terminal.ts';

const NO_LINES = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '' },
};

/**
 * Rows under a head, in columns; a cell may have several lines. A terminal that is too narrow gets its widest columns wrapped; nothing is left out.
 */
export function table(output: Output, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const natural = head.map((title, column) => Math.max(title.length, ...rows.map((row) => widthOf(row[column] ?? ''))));
  const room = output.columns ?? Infinity;
  const gap = sum(natural) + 2 * (head.length - 1) <= room ? 2 : 1;
  const lines = new Table({
    head: [...head],
    colWidths: shrunk(natural, room - gap * (head.length - 1)),
    wordWrap: true,
    wrapOnWordBoundary: false, // or a name longer than its column would be cut
    chars: { ...NO_LINES, middle: ' '.repeat(gap) },
    style: { 'padding-left': 0, 'padding-right': 0, head: colours(output).isColorSupported ? ['dim'] : [], border: [] },
  });
  lines.push(...rows.map((row) => [...row]));
  return lines.toString().replace(/ +$/gm, '');
}

function widthOf(cell: string): number {
  return Math.max(...cell.split('\n').map((line) => line.length));
}

/** Takes from the widest column, again and again, until all fit or nothing can be taken. */
function shrunk(natural: readonly number[], room: number): number[] {
  const widths = [...natural];
  while (sum(widths) > room && Math.max(...widths) > 1) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = Math.max(...widths) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
