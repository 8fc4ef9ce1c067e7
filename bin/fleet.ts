#!/usr/bin/env -S node --import tsx
import { fleet } from '../cli/program.ts';
import { loadSelectRow } from './select-row.ts';

// The operator's command line: npx fleet --help

// A reader that has seen enough, such as `fleet query ... | head`, closes the pipe.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await fleet(process.argv.slice(2), process, { selectRow: loadSelectRow });
