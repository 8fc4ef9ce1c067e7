import { type Log, refusalLine } from '@esp-fleet/local-cloud';
import { colours, lineWidth, printable, type Terminal, wrapped } from '../cli/terminal/terminal.ts';

/** What the broker refuses, and no more. */
export function refusalsIn({ stderr }: Pick<Terminal, 'stderr'>): Log {
  const { red, yellow } = colours(stderr);
  const write = (line: string, colour: (text: string) => string) =>
    void stderr.write(`${colour(wrapped(stderr, printable(line), lineWidth(stderr), 4))}\n`);
  return {
    info: () => undefined,
    refused: (refusal) => write(refusalLine(refusal), red),
    warn: (line) => write(line, yellow),
  };
}
