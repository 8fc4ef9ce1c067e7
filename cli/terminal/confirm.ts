import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.ts';
import { type Terminal, wrapped } from './terminal.ts';

/**
 * Asks a person a question that "no" is the safe answer to.
 *
 * @param cloud which one it is about, as `cloudName` says it: stands before the question
 * @throws {CliError} when the answer is not yes, and when there is nobody to ask
 */
export async function confirm({ stdin, stderr }: Terminal, cloud: string, question: string): Promise<void> {
  if (stdin.isTTY !== true) throw new CliError('this asks for confirmation, and there is no terminal; add --yes');
  const reader = createInterface({ input: stdin, output: stderr });
  const closed = new AbortController();
  reader.once('close', () => closed.abort()); // Ctrl-D and Ctrl-C
  try {
    // What readline asks with is one line, which it prints again at each key.
    const lines = wrapped(stderr, `${cloud}: ${question} [y/N]`, undefined, 0).split('\n');
    const last = lines.pop();
    for (const line of lines) stderr.write(`${line}\n`);
    const answer = await reader.question(`${last} `, { signal: closed.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    if (!closed.signal.aborted) throw error;
  } finally {
    reader.close();
  }
  throw new CliError('nothing was changed');
}
