import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { runFleet } from '../run-fleet.ts';

/* What the Tab key offers, where it stands. */

const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
beforeAll(() => {
  writeFileSync(
    join(folder, 'home.yaml'),
    'devices:\n  kitchen: { board: esp8266 }\n  kitchen-2: { board: esp8266, revoked: true }\n',
  );
  writeFileSync(join(folder, 'farm.yaml'), 'devices:\n  barn: { board: esp32 }\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const complete = async (...words: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await runFleet(['complete', '--fleet', folder, '--', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').slice(0, -1);
};

test.each<[string, string[], string[]]>([
  ['verbs', ['re'], ['revoke', 'redrive', 'review']],
  ['verbs behind an option', ['--fleet', folder, 'lis'], ['list']],
  ['options of all', ['--f'], ['--fleet']],
  ['options of a verb', ['query', 'kitchen', '--s'], ['--since', '--stat']],
  ['options of all behind a verb', ['query', '--fl'], ['--fleet']],
  ['devices', ['revoke', ''], ['barn', 'kitchen', 'kitchen-2']],
  ['devices that begin so', ['secrets', 'ki'], ['kitchen', 'kitchen-2']],
  ['devices behind the value of an option', ['tail', '--since', '10m', 'b'], ['barn']],
  ['devices behind an option without a value', ['tail', '--json', 'b'], ['barn']],
  ['one device after the other', ['latest', 'barn', 'k'], ['kitchen', 'kitchen-2']],
  ['the values of an option', ['query', 'kitchen', '--stat', 'm'], ['min', 'max']],
  ['boards', ['add', 'shed', '--board', 'esp32-'], ['esp32-c3', 'esp32-s3', 'esp32-c6']],
  ['sites', ['add', 'shed', '--board', 'esp32', '--site', ''], ['farm', 'home']],
  ['the values of a second argument', ['explain', 'kitchen', 'pub'], ['publish']],
  ['shells', ['completion', ''], ['bash', 'zsh', 'fish']],
  ['nothing, so that the shell offers files', ['secrets', 'kitchen', '--out', ''], []],
  ['nothing for a name that is new', ['add', 'k'], []],
  ['nothing behind the last argument', ['revoke', 'kitchen', ''], []],
  ['nothing among fields', ['query', 'kitchen', '--field', 'temperature', ''], []],
  ['nothing behind a verb that there is not', ['fly', ''], []],
])('%s', async (_, words, offered) => {
  expect(await complete(...words)).toEqual(offered);
});

test('nothing, and no complaint, where the fleet file is bad', async () => {
  const bad = temporaryFleet({ 'home.yaml': 'devices: [' });
  expect(await complete('--fleet', bad, 'revoke', '')).toEqual([]);
});

/* Each shell itself reads its script, and asks this command line. Where a shell is missing, its script is not tried. */
describe('in the shell', () => {
  const command = join(process.cwd(), 'bin/fleet');
  const DRIVERS: Readonly<Record<string, string>> = {
    bash: `COMP_WORDS=(${command} --fleet ${folder} revoke ki); COMP_CWORD=4
_fleet ${command}; printf '%s\n' "\${COMPREPLY[@]}"`,
    // What zsh's completion system would do with the answer.
    zsh: `compadd() { print -l -- "\${found[@]}" }; words=(${command} --fleet ${folder} revoke ki); CURRENT=5; _fleet`,
    fish: `complete -C '${command} --fleet ${folder} revoke ki'`,
  };

  test.each(['bash', 'zsh', 'fish'])('%s', async (shell) => {
    if (spawnSync(shell, ['-c', 'true']).error !== undefined) {
      expect(process.env.CI, `${shell} is not installed`).toBeUndefined();
      return;
    }
    const { stdout: script } = await runFleet(['completion', shell]);
    const before = shell === 'zsh' ? 'compdef() { : }\n' : '';
    const { stdout, stderr } = spawnSync(shell, ['-c', `${before}${script}\n${DRIVERS[shell]}`], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'kitchen\nkitchen-2\n', stderr: '' });
  });
});
