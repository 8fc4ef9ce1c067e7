// Starts app.ts, as cdk.json says. Plain JavaScript: it runs before there is anything that could read TypeScript.
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keptProgram } from './kept-program.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
// yours/stacks.ts, which the app looks for where it is started, takes more of lib/ than is in the program, and is TypeScript.
// Linked packages are another folder's, such as those of a review's base: each program would replace the other's.
const isKept = !existsSync('yours/stacks.ts') && !lstatSync(modules).isSymbolicLink();
const program = isKept ? await keptProgram(root, 'bin/app.ts', join(modules, '.cache/esp-fleet/app')) : undefined;
if (program === undefined) await import('tsx/esm');
else process.setSourceMapsEnabled(true); // an error names the line of lib/
await import(program ?? './app.ts');
