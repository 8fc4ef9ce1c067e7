import { type Cloud, Faults, memoryLog, type Readings, READINGS, startCloud } from '@esp-fleet/local-cloud';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { EXPRESSIONS } from '../../prove/aws/expressions.ts';
import { ROOT } from '../../testing/cloud/process.ts';

// `npm run prove -- aws` against the local cloud: it has to find out how that one reads what AWS leaves open.

/** A run deploys and destroys by the CDK CLI. */
const SLOW = 300_000;

let cloud: Cloud | undefined;
afterEach(() => cloud?.close());

async function cloudWith(readings: Partial<Readings>, faults = new Faults()): Promise<void> {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), readings, faults });
}

interface Run {
  readonly child: ChildProcess;
  /** All that it has said so far. */
  readonly output: () => string;
  readonly ended: () => Promise<number | null>;
}

function prove(...args: string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', 'prove/prove.ts', 'aws', ...args], {
    cwd: ROOT,
    env: { ...process.env, ...cloud?.environment, NO_PROXY: '127.0.0.1,localhost', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const end = once(child, 'close') as Promise<[number | null]>;
  return { child, output: () => said, ended: async () => (await end)[0] };
}

async function until(run: Run, line: string): Promise<void> {
  await expect.poll(run.output, { timeout: SLOW, interval: 50 }).toContain(line);
}

test('without a terminal and without --yes, nothing is begun', async () => {
  await cloudWith({});
  const run = prove();
  expect(await run.ended()).toBe(1);
  expect(run.output()).toContain('US dollars at the most');
  expect(run.output()).toContain('add --yes');
  expect(run.output()).not.toContain('deploying');
}, 60_000);

test(
  'every reading is found out, and one that is open is no failure',
  async () => {
    // The last value of each, but for those under which messages are lost, and what only --pace aws has.
    const left: readonly string[] = ['case', 'get-other', 'detaching-thing'];
    const changed = Object.entries(READINGS).filter(([name]) => !left.includes(name));
    const readings: Record<string, string | undefined> = {
      ...Object.fromEntries(changed.map(([name, { values }]) => [name, values.at(-1)])),
      'object-sum': 'text', // "error" is silence, as the name of a payload is already
    };
    await cloudWith(readings);
    const file = join(mkdtempSync(join(tmpdir(), 'prove-aws-')), 'answers.json');
    onTestFinished(() => rmSync(join(file, '..'), { recursive: true }));
    const run = prove('--yes', '--json', file);
    expect(await run.ended(), run.output()).toBe(0);
    expect(run.output()).toMatch(/^aws: \d+ cases, 0 failed$/m);

    const { answers } = JSON.parse(readFileSync(file, 'utf8')) as {
      answers: { seen: string; open?: { reading: string; answers: Record<string, string> } }[];
    };
    const found = answers.flatMap(({ seen, open }) => (open ? [[open.reading, open.answers[seen]]] : []));
    expect(Object.fromEntries(found)).toEqual({ ...readings, case: 'works', 'get-other': 'undefined' });
  },
  SLOW,
);

// More runs, each of which deploys and destroys.
describe.runIf(process.env.CI)('also', () => {
  test(
    'what nobody has thought of is a failure, by name',
    async () => {
      const faults = new Faults();
      // The messages that the probes from encode_text on select: their statements are documented, so that nothing is open there.
      const first = EXPRESSIONS.findIndex(({ id }) => id === 'encode_text') + 1;
      for (let occurrence = first; occurrence <= EXPRESSIONS.length; occurrence += 1)
        faults.add({ service: 'sqs', operation: 'SendMessage', occurrence, kind: 'fail before' });
      await cloudWith({}, faults);
      const run = prove('--yes');
      expect(await run.ended(), run.output()).toBe(1);
      expect(run.output()).toContain('FAILED encode takes a payload that is no JSON: assumed "aGVsbG8=", seen silence');
      expect(run.output()).toMatch(/^nothing is left behind +nothing +nothing +as assumed$/m);
      expect(run.output()).toMatch(new RegExp(`^aws: \\d+ cases, ${EXPRESSIONS.length - first + 1} failed$`, 'm'));
    },
    SLOW,
  );

  test(
    'what a killed run has left, the next one removes; and Ctrl-C leaves nothing',
    async () => {
      await cloudWith({});
      const killed = prove('--yes');
      await until(killed, 'asking: messages');
      killed.child.kill('SIGKILL');
      await killed.ended();

      const interrupted = prove('--yes');
      await until(interrupted, 'asking: the SQL of rules');
      expect(interrupted.output()).toContain('removing what an earlier run has left: stack fleet-proveaws-');
      interrupted.child.kill('SIGINT');
      expect(await interrupted.ended()).toBe(1);

      const after = prove('--yes');
      await until(after, 'deploying');
      expect(after.output()).not.toContain('an earlier run');
      after.child.kill('SIGKILL');
      await after.ended();
    },
    SLOW,
  );
});
