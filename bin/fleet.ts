#!/usr/bin/env -S node --import tsx
import { changesNothing, fleet } from '../cli/program.ts';
import { errorMessage } from '../cli/terminal/error-message.ts';
import { loadSelectRow } from './select-row.ts';

// The operator's command line: bin/fleet --help
// npm starts fleet.mjs; where it keeps a link from before there was that, it starts this one.

const argv = process.argv.slice(2);

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') {
    process.stderr.write(`fleet: the output cannot be written: ${errorMessage(error, undefined)}\n`);
    process.exit(1);
  }
  // A reader that has seen enough, such as `fleet query ... | head`, closes the pipe. What was begun is ended all the same.
  if (changesNothing(argv)) process.exit(0);
});
process.stderr.on('error', () => undefined); // there is nobody left to tell

process.exitCode = await fleet(argv, process, { selectRow: loadSelectRow });
