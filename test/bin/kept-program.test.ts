import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const KEPT_PROGRAM = fileURLToPath(new URL('../../bin/kept-program.mjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'esp-fleet-kept-'));
const folder = join(root, 'node_modules/.cache/program');
const file = (name: string, text: string) => writeFileSync(join(root, name), text);

mkdirSync(join(root, 'node_modules/greeting'), { recursive: true });
file('package.json', '{ "type": "module" }');
file('node_modules/greeting/package.json', '{ "name": "greeting" }');
file('node_modules/greeting/index.js', "exports.greeting = require('path').basename('a/hello');");
file(
  'main.ts',
  "#!/usr/bin/env node\nimport { name } from './name.ts';\nconst later = await import('./later.ts');\nlater.say(name as string);",
);
file('name.ts', "export const name: unknown = 'attic';");
file(
  'later.ts',
  `import { createRequire } from 'node:module';
import { greeting } from 'greeting';
const { basename } = createRequire(import.meta.url)('node:path');
export const say = (name: string): void => console.log(greeting, name, basename("import.meta.url"), import.meta.url);`,
);

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What the program prints, and where it is kept. */
function run(...options: string[]): { readonly printed: string; readonly program: string } {
  const script = `const { keptProgram } = await import(process.argv[1]);
    const program = await keptProgram(process.argv[2], 'main.ts', process.argv[3]);
    if (program !== undefined) await import(program);
    console.log(program);`;
  const said = execFileSync(
    process.execPath,
    [...options, '--input-type=module', '-e', script, KEPT_PROGRAM, root, folder],
    {
      encoding: 'utf8',
    },
  ).trim();
  const [printed = '', program = ''] = said.split('\n');
  return { printed, program };
}

it('makes a program anew when one of its files has changed, and only then', () => {
  const first = run();
  expect(first.printed).toMatch(/^hello attic import\.meta\.url file:.*\/later\.ts$/);
  const made = statSync(join(folder, 'program.json')).mtimeMs;
  expect(run()).toEqual(first);
  expect(statSync(join(folder, 'program.json')).mtimeMs).toBe(made);

  file('name.ts', "export const name: unknown = 'shed';");
  const second = run();
  expect(second.printed).toMatch(/^hello shed /);
  expect(second.program).not.toBe(first.program);

  file('name.ts', "export const name: unknown = 'garage';");
  expect(run().printed).toMatch(/^hello garage /);
  // Two of them, since one may still run.
  expect(readdirSync(folder)).toHaveLength(3);
});

it('makes it anew when what was kept is gone', () => {
  const { printed, program } = run();
  rmSync(fileURLToPath(program));
  expect(run()).toEqual({ printed, program });
});

it('keeps none where the disk is full', () => {
  rmSync(folder, { recursive: true });
  file(
    'full.cjs',
    "require('fs').writeFileSync = () => { throw Object.assign(new Error('full'), { code: 'ENOSPC' }); };",
  );
  expect(run('--require', join(root, 'full.cjs'))).toEqual({ printed: 'undefined', program: '' });
  expect(readdirSync(folder)).toEqual([]);
});

it('keeps none where it cannot write', () => {
  rmSync(join(root, 'node_modules/.cache'), { recursive: true });
  file('node_modules/.cache', 'no folder');
  expect(run()).toEqual({ printed: 'undefined', program: '' });
});
