import { once } from 'node:events';
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

/** Writes a line, and waits while the reader is slower than we are. */
export async function print(output: Output, line: string): Promise<void> {
  if (!output.write(`${line}\n`)) await once(output, 'drain');
}

/** Colours where a person looks, plain text where a program reads. */
export function colours(output: Output): ReturnType<typeof pc.createColors> {
  return pc.createColors(output.isTTY === true && pc.isColorSupported);
}

/** Text that a device chose, with its control characters spelt out: they could steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Writes a line about a step that is behind us. */
export async function printDone(output: Output, step: string): Promise<void> {
  await print(output, `${colours(output).green('✓')} ${step}`);
}
