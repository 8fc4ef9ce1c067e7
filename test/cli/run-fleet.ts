import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fleet } from '../../cli/program.ts';

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `fleet` in this process, with streams that are no terminal unless `answer` is what a person types there. */
export async function runFleet(
  argv: readonly string[],
  { answer, columns }: { answer?: string; columns?: number } = {},
): Promise<Finished> {
  const isTTY = answer !== undefined;
  const [stdout, stderr] = [output({ isTTY, columns }), output({ isTTY, columns })];
  const written = Promise.all([text(stdout), text(stderr)]);
  const stdin = Object.assign(new PassThrough(), { isTTY });
  if (isTTY) stdin.end(answer);
  const code = await fleet(argv, { stdin, stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { code, stdout: out, stderr: err };
}

function output(terminal: { isTTY: boolean; columns: number | undefined }) {
  return Object.assign(new PassThrough(), terminal);
}
