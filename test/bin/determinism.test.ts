import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };

interface Place {
  /** Below a temporary folder, where a copy of the app is put. */
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Whether it has packages of its own, and so keeps the app as a program: see bin/app.mjs. */
  readonly isKept: boolean;
  /** Fleet files, written in this order. */
  readonly fleet: readonly (readonly [file: string, text: string])[];
}

/** Synthesizes a copy of the app somewhere. @returns all that would be deployed: templates and assets, by path */
async function synth({ folder, env, isKept, fleet }: Place): Promise<Map<string, string>> {
  const root = mkdtempSync(join(tmpdir(), 'determinism-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const copy = join(root, folder);
  mkdirSync(copy, { recursive: true });
  for (const part of ['aws', 'bin', 'cli', 'lib', 'lambda', 'package.json', 'tsconfig.json']) {
    cpSync(part, join(copy, part), { recursive: true });
  }
  const modules = join(copy, 'node_modules');
  if (isKept) {
    mkdirSync(modules);
    for (const name of readdirSync('node_modules').filter((each) => !each.startsWith('.')))
      symlinkSync(resolve('node_modules', name), join(modules, name));
  } else symlinkSync(resolve('node_modules'), modules);
  mkdirSync(join(copy, 'fleet'));
  writeFileSync(join(copy, 'fleet/id'), 'ours');
  for (const [file, text] of fleet) writeFileSync(join(copy, 'fleet', file), text);

  const outdir = join(root, 'cdk.out');
  await promisify(execFile)(process.execPath, ['bin/app.mjs'], {
    cwd: copy,
    env: {
      ...process.env,
      ...env,
      CDK_OUTDIR: outdir,
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify(context),
    },
  });
  if (isKept) expect(readdirSync(join(modules, '.cache/esp-fleet/app'))).toContain('program.json');
  return new Map(
    readdirSync(outdir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => /\.(template|assets)\.json$|\/asset\./.test(path))
      .sort()
      .map((path) => [path.slice(outdir.length), readFileSync(path, 'utf8')]),
  );
}

const DEVICES = ['a-b: { board: esp32 }', 'ab: { board: esp8266 }', 'i: { board: esp32, revoked: true }'];
const fleetFile = (devices: readonly string[]) => `devices:\n${devices.map((device) => `  ${device}\n`).join('')}`;

const SLOW = 60_000; // synthesizes twice

test('what is deployed is the same in every byte, wherever it is synthesized', { timeout: SLOW }, async () => {
  const home = fleetFile(DEVICES);
  const shed = fleetFile(['z: { board: esp8266 }']);
  const shuffled = fleetFile(DEVICES.toReversed());
  const [here, there] = await Promise.all([
    synth({
      folder: 'here',
      isKept: true,
      env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
      fleet: [
        ['home.yaml', home],
        ['shed.yaml', shed],
      ],
    }),
    synth({
      folder: 'some where/else',
      isKept: false,
      env: { TZ: 'America/Adak', LC_ALL: 'C', LANG: 'C' },
      fleet: [
        ['shed.yaml', shed],
        ['home.yaml', shuffled],
      ],
    }),
  ]);
  expect([...here.keys()]).toEqual([...there.keys()]);
  expect([...here.keys()].filter((path) => path.endsWith('.template.json'))).toHaveLength(3);
  expect([...here.keys()].filter((path) => path.endsWith('.mjs'))).toHaveLength(2);
  for (const [path, bytes] of here) expect(there.get(path), path).toBe(bytes);
});
