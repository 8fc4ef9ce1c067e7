#!/usr/bin/env node
// Starts fleet.ts. Plain JavaScript: it runs before there is anything that could read TypeScript, and says so.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

if (!existsSync(fileURLToPath(new URL('fleet.ts', import.meta.url)))) {
  console.error('fleet: this package has the constructs alone; the command is in a clone of its repository');
  process.exit(1);
}
const { refuseOldNode } = await import('./old-node.mjs');
refuseOldNode('fleet');
const root = fileURLToPath(new URL('..', import.meta.url));
try {
  const { keptProgram } = await import('./kept-program.mjs');
  const program = await keptProgram(root, 'bin/fleet.ts', join(root, 'node_modules/.cache/esp-fleet/fleet'));
  if (program === undefined) await import('tsx/esm');
  await import(program ?? './fleet.ts');
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/Cannot find package/.test(error.message)) throw error;
  console.error(`fleet: packages that it needs are not installed; run: npm ci (in ${root})`);
  process.exitCode = 1;
}
