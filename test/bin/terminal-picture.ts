import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';

/* The picture of a terminal that the README shows: what `npm start -- --once` prints, as SVG, whose text one can select. */

export const PICTURE = 'docs/terminal.svg';

const COMMAND = 'npm start -- --once';
const COLUMNS = 80;
const [CHARACTER, LINE, MARGIN] = [7.8, 18, 16];

/**
 * What the command prints on a terminal of 80 columns, with its colours, by the command `script` of Linux.
 *
 * @throws {Error} when it fails
 */
export async function printed(): Promise<string> {
  const line = `stty cols ${COLUMNS}; '${process.execPath}' --import tsx bin/start.ts --once --port 0 --mqtt-port 0`;
  const child = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`${COMMAND} ended with ${child.exitCode}\n${said}`);
  // What a spinner has drawn is erased, and what stands there afterwards is printed behind.
  const lines = said.trimEnd().split(/\r?\n/);
  return [`$ ${COMMAND}`, ...lines.map((each) => each.split('\u001b[0K').at(-1))].join('\n');
}

/** The colours of picocolors, by the number that sets each (ECMA-48, SGR); what ends one has no class. */
const CLASSES: Readonly<Record<string, string>> = { 1: 'b', 2: 'd', 31: 'r', 32: 'g', 33: 'y', 36: 'c' };

export function svgOf(terminal: string): string {
  const lines = terminal.split('\n');
  const height = lines.length * LINE + 2 * MARGIN;
  const width = COLUMNS * CHARACTER + 2 * MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${COMMAND}, on a terminal of ${COLUMNS} columns">
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d4d4d4;white-space:pre}.g{fill:#6fc276}.c{fill:#5fb3d9}.y{fill:#d9b95f}.r{fill:#e06c6c}.d{fill:#8a8a8a}.b{font-weight:bold}</style>
<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>
${lines.map((line, index) => `<text x="${MARGIN}" y="${MARGIN + LINE * index + 13}" xml:space="preserve">${spans(line)}</text>`).join('\n')}
</svg>
`;
}

// eslint-disable-next-line no-control-regex -- it is the control sequences that this is about
const SEQUENCE = /\u001b\[(\d+)m/;

function spans(line: string): string {
  const [first = '', ...rest] = line.split(SEQUENCE);
  let out = escaped(first);
  for (let index = 0; index < rest.length; index += 2) {
    const [code = '', part = ''] = [rest[index], rest[index + 1]];
    const name = CLASSES[code];
    if (part !== '') out += name === undefined ? escaped(part) : `<tspan class="${name}">${escaped(part)}</tspan>`;
  }
  return out;
}

const escaped = (part: string): string => part.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** The words of a picture, or of what was printed, without what each run has of its own: numbers, ids, folders, blanks. */
export function wordsOf(picture: string): string {
  const lines = [...picture.matchAll(/<text[^>]*>(.*)<\/text>/g)].map(([, line = '']) =>
    line.replaceAll(/<[^>]+>/g, ''),
  );
  return (
    stripVTControlCharacters(lines.length > 0 ? lines.join('\n') : picture)
      .replaceAll('&lt;', '<')
      .replaceAll('&amp;', '&')
      .replaceAll(/esp-fleet-\w+/g, 'esp-fleet-#')
      .replaceAll(/\b[0-9a-f]{8,}\b/g, '#')
      .replaceAll(/\d+([.:-]\d+)*/g, '#')
      .replaceAll(/\s+/g, ' ')
      // A column that 80 have no room for.
      .replaceAll(/device (?=received)|[a-z]+-[a-z]+ (?=# # rtjm)/g, '')
  );
}
