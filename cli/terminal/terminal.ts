import { Help } from 'commander';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';

/** A stream that people or programs read. */
export interface Output extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Characters in a line, where that is known. */
  readonly columns?: number;
}

/** Where a verb reads and writes: the streams of the process, or those of a test. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Writes a line, and waits while the reader is slower than we are. Nothing waits for a reader that has gone. */
export async function print(output: Output, line: string): Promise<void> {
  if (output.write(`${line}\n`)) return;
  try {
    await once(output, 'drain');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** Colours where a person looks, plain text where a program reads. */
export function colours(output: Output): ReturnType<typeof pc.createColors> {
  return pc.createColors(output.isTTY === true && pc.isColorSupported);
}

/** Characters in a line of a terminal; undefined of a file or a pipe, where lines may be of any length. */
export function lineWidth({ isTTY, columns }: Output): number | undefined {
  if (columns) return columns;
  // A terminal that does not say, such as a serial console, has 0; what people set by hand counts then.
  return Number(process.env.COLUMNS) || (isTTY ? DEFAULT_WIDTH : undefined);
}

const DEFAULT_WIDTH = 80;

/** Longer lines of prose are hard to read. */
const PROSE_WIDTH = 100;

/** How long lines of prose are, be it that nobody says how wide the terminal is. */
export function proseWidth(output: Output): number {
  return Math.min(lineWidth(output) ?? DEFAULT_WIDTH, PROSE_WIDTH);
}

/** What stands before a text: blanks, and the mark of what is done or wrong. Later lines begin below the text itself. */
const MARK = /^ *(?:[✓✗!-] )?/;

/** What stands after a colon to be pasted, without the mark after it. */
const COMMAND = /(?<=: )(?:bin\/fleet|npx|aws)(?: (?!\()(?:'[^']*'|"[^"]*"|[^\s'"])*(?:'[^']*'|"[^"]*"|[^\s'";,.)]))+/g;

/** Stands for a blank at which no line ends. */
const GLUE = '\uE000';
/** Keeps the room of ` \` behind a word of a command. */
const ROOM = '\uE001\uE001';

/** In one line where it has the room for that; else its lines end as a shell wants it. */
function asCommand(command: string, width: number): string {
  if (command.length <= width) return command.replaceAll(' ', GLUE);
  return command.replaceAll(/'[^']*'|"[^"]*"/g, (quoted) => quoted.replaceAll(' ', GLUE)).replaceAll(' ', `${ROOM} `);
}

/**
 * A sentence for whoever reads there: a line for programs, several on a terminal, broken between words alone. Commands can be
 * pasted all the same.
 *
 * @param width of a line
 * @param hanging how far later lines are indented; by itself, as far as blanks or a mark indent the first
 */
export function wrapped(
  output: Output,
  sentence: string,
  width = proseWidth(output),
  hanging = MARK.exec(stripVTControlCharacters(sentence))?.[0].length ?? 0,
): string {
  const text = ofTheSameFleet(sentence);
  if (!output.isTTY || stripVTControlCharacters(text).length <= width) return text;
  const lead = /^ */.exec(text)?.[0] ?? '';
  const help = new Help();
  help.minWidthToWrap = 10;
  const room = Math.max(width - hanging, 10);
  const lines = help
    .boxWrap(
      text.slice(lead.length).replaceAll(COMMAND, (command) => asCommand(command, room)),
      room,
    )
    .replaceAll(`${ROOM}\n`, ' \\\n')
    .replaceAll(ROOM, '')
    .replaceAll(GLUE, ' ')
    .split('\n');
  return lead + lines.join(`\n${' '.repeat(hanging)}`);
}

let ofThisCall = '';

/** From now on, sentences name commands with the stage of this context, so that they are about the same fleet. */
export function nameCommandsWith(context: readonly string[]): void {
  const stage = context.find((each) => each.startsWith('stage='));
  ofThisCall = stage === undefined ? '' : `-c ${stage} `;
}

function ofTheSameFleet(text: string): string {
  return text.replaceAll(/\b(bin\/fleet|npx cdk) (?=[a-z])/g, (_, command: string) => `${command} ${ofThisCall}`);
}

/** Writes a sentence as {@link wrapped} breaks it. */
export function printSentence(output: Output, text: string): Promise<void> {
  return print(output, wrapped(output, text));
}

/**
 * What somebody else chose may hold what steers a terminal or is not seen: control characters, marks that turn the
 * direction of writing, characters without a width, line separators, and halves of surrogate pairs.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Text that a device chose, in one line, with what is {@link UNPRINTABLE} spelt out as JSON does. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, unit) => character.charCodeAt(unit))
      .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** Like {@link printable}, of text that may have several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A value as indented JSON for programs, which a person may look at as well. */
export function indentedJson(value: unknown): string {
  return printableLines(JSON.stringify(value, undefined, 2));
}

/** Writes a line about what somebody has to see to; {@link printable} is for the caller. */
export async function printWarning(output: Output, text: string): Promise<void> {
  await print(output, colours(output).yellow(wrapped(output, `! ${text}`)));
}

/** Writes a line about a step that is behind us. */
export async function printDone(output: Output, step: string): Promise<void> {
  await printSentence(output, `${colours(output).green('✓')} ${step}`);
}
