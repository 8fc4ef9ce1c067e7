import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { FQBN } from '../../cli/flash/flash-tools.ts';

/** Runs the script with an arduino-cli that writes down what it is called with, and refuses one sketch. */
function compile(argv: readonly string[], refused = '') {
  const folder = mkdtempSync(join(tmpdir(), 'compile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const cli = join(folder, 'arduino-cli');
  writeFileSync(
    cli,
    `#!/bin/sh
for last; do :; done
[ -f "$last/$(basename "$last").ino" ] && [ -f "$last/secrets.h" ] || exit 64
[ "$(basename "$last")" = "${refused}" ] && exit 1
echo "$@" >>${join(folder, 'calls')}
`,
  );
  chmodSync(cli, 0o755);
  const { status, stdout } = spawnSync('.github/scripts/compile-firmware', argv, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  const calls = status === 64 ? [] : readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
  return { status, stdout, calls };
}

const sketchesOf = (core: string) => readdirSync('firmware').filter((name) => name.startsWith(`${core}-`));
const examplesOf = (...libraries: string[]) =>
  libraries.flatMap((library) => readdirSync(join('firmware/libraries', library, 'examples')));

test.each([
  ['esp8266', examplesOf('FleetBoard', 'FleetClock', 'FleetDevice', 'FleetIdentity')],
  ['esp32', examplesOf('FleetBoard', 'FleetDevice', 'FleetIdentity')],
])('for an %s, every sketch and example is compiled for each board', (core, examples) => {
  const secrets = () => execFileSync('git', ['status', '--short', '--ignored', 'firmware'], { encoding: 'utf8' });
  const before = secrets();
  const { status, calls } = compile([core, 'a:b:c', 'a:b:d:x=y']);
  expect(status).toBe(0);
  for (const board of ['a:b:c', 'a:b:d:x=y']) {
    const compiled = calls.filter((call) => call.includes(` --fqbn ${board} `));
    expect(compiled.map((call) => basename(call)).sort()).toEqual([...sketchesOf(core), ...examples].sort());
    for (const call of compiled)
      expect(call).toMatch(/^compile --warnings all --libraries \S*\/firmware\/libraries --fqbn /);
  }
  expect(secrets()).toBe(before);
});

test('what does not compile ends it', () => {
  expect(compile(['esp32', 'a:b:c'], 'esp32-telemetry').status).toBe(1);
});

test('the workflow has the boards of the fleet file, and a generic ESP8266 of 1 MB', () => {
  const { jobs } = parse(readFileSync('.github/workflows/firmware.yml', 'utf8')) as {
    jobs: { compile: { strategy: { matrix: { include: { boards: string }[] } } } };
  };
  const boards = jobs.compile.strategy.matrix.include.flatMap((each) => each.boards.split(' '));
  expect(boards.sort()).toEqual([...Object.values(FQBN), 'esp8266:esp8266:generic:eesz=1M'].sort());
});
