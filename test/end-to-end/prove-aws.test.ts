import {
  type Cloud,
  DEFAULT_READINGS,
  Faults,
  memoryLog,
  type Readings,
  READINGS,
  startCloud,
} from '@esp-fleet/local-cloud';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Answer } from '../../prove/aws/probe.ts';
import { ROOT } from '../../testing/cloud/process.ts';

/*
 * `npm run prove -- aws` against the local cloud: it has to find out how that one reads what AWS leaves open. One cloud for all
 * tests, whose readings change, since a run deploys and destroys by the CDK CLI.
 */

const SLOW = 300_000;
const ALWAYS = new AbortController().signal;

/** The last value of each, but for those under which messages are lost, and what `--pace aws` alone shows. */
const LAST = {
  ...(Object.fromEntries(Object.entries(READINGS).map(([name, { values }]) => [name, values.at(-1)])) as Readings),
  case: 'works',
  'get-other': 'undefined',
  'object-sum': 'text',
  'detaching-thing': 'listed',
} as const;
const HARSH = { case: 'error', 'get-other': 'error', 'object-sum': 'error' } as const;

let cloud: Cloud;
const faults = new Faults();
const environment = { ...process.env };
beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), faults, readings: DEFAULT_READINGS });
  Object.assign(process.env, cloud.environment);
});
afterAll(async () => {
  process.env = environment;
  await cloud.close();
});

/** A cloud of its own by the pace of AWS, which the environment names from now on. */
async function startSlow(divideLags: number, readings: Partial<Readings> = {}): Promise<void> {
  const slow = await startCloud({
    port: 0,
    mqttPort: 0,
    log: memoryLog(),
    readings,
    pace: { name: 'aws', divideLags },
  });
  onTestFinished(async () => {
    Object.assign(process.env, cloud.environment);
    vi.resetModules();
    await slow.close();
  });
  Object.assign(process.env, slow.environment);
  vi.resetModules(); // the clients of the SDK keep the endpoint that they have once seen
}

const assume = (readings: Partial<Readings>) => Object.assign(cloud.readings, DEFAULT_READINGS, readings);

/** Without a lag nothing shows how a detachment is listed; and of the tokens of fleet provisioning the proof does not ask. */
const UNSEEN = ['detaching-thing', 'ownership-token'];
const seenAtOnce = (readings: Readings) =>
  Object.fromEntries(Object.entries(readings).filter(([name]) => !UNSEEN.includes(name)));

function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prove-aws-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
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
    env: { ...process.env, ...cloud.environment, NO_PROXY: '127.0.0.1,localhost', NO_COLOR: '1' },
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

/** A whole run: how it ended, what it said, and the readings of the file that it wrote. */
async function wholeRun(): Promise<{ code: number | null; output: string; readings: Partial<Readings> }> {
  const file = join(scratchFolder(), 'answers.json');
  const run = prove('--yes', '--json', file);
  const code = await run.ended();
  const { readings } = JSON.parse(readFileSync(file, 'utf8')) as { readings: Partial<Readings> };
  return { code, output: run.output(), readings };
}

test('without a terminal and without --yes, nothing is begun', async () => {
  const run = prove();
  expect(await run.ended()).toBe(1);
  const [, cents] = /\((\d+) cents\)/.exec(readFileSync(join(ROOT, 'docs/proofs.md'), 'utf8')) ?? [];
  expect(run.output()).toContain(`and 0.0${cents} US dollars at the most`);
  expect(run.output()).toContain('add --yes');
  expect(run.output()).not.toContain('deploying');
}, 60_000);

test(
  'what is likeliest is found out, and what would lose messages, by the questions about it alone',
  async () => {
    const { ScratchFleet } = await import('../../prove/aws/scratch-fleet.ts');
    const fleet = new ScratchFleet(scratchFolder());
    const { askSql } = await import('../../prove/aws/ask-expressions.ts');
    const { askRows } = await import('../../prove/aws/ask-rows.ts');
    const { askActionType, askAdoption, askLists, askThingUpdate } = await import('../../prove/aws/ask-registry.ts');
    const { readingsOf } = await import('../../prove/aws/probe.ts');
    await fleet.deploy(ALWAYS);
    const wrong = (answers: readonly Answer[]) => answers.filter(({ verdict }) => verdict === 'differs');

    assume(HARSH);
    const harsh = await askSql(fleet, ALWAYS);
    expect(readingsOf(harsh)).toMatchObject(HARSH);
    // No message becomes a row, as lib/telemetry/telemetry-sql.ts says.
    expect(wrong([...harsh, ...(await askRows(fleet, ALWAYS, harsh))])).toEqual([]);

    assume({ 'action-type': LAST['action-type'] }); // what a rule has counted once, CloudWatch lists for days
    const likeliest = await askSql(fleet, ALWAYS);
    likeliest.push(...(await askRows(fleet, ALWAYS, likeliest)));
    likeliest.push(...(await askActionType(fleet, ALWAYS)), ...(await askLists(fleet)));
    likeliest.push(...(await askAdoption(fleet, ALWAYS)), ...(await askThingUpdate(fleet, ALWAYS)));
    expect(wrong(likeliest)).toEqual([]);
    expect(readingsOf(likeliest)).toEqual(seenAtOnce({ ...DEFAULT_READINGS, 'action-type': LAST['action-type'] }));
    // All of it stays, as a run leaves it that was killed.
  },
  SLOW,
);

test(
  'what a killed run has left is removed; then every other reading is found out, and one that is open is no failure',
  async () => {
    assume(LAST);
    const { code, output, readings } = await wholeRun();
    expect(code, output).toBe(0);
    expect(output).toContain('removing what an earlier run has left: stack fleet-proveaws-');
    expect(output).toMatch(/^nothing is left behind +nothing +nothing +as assumed$/m);
    expect(output).toMatch(/^aws: \d+ cases, 0 failed$/m);
    expect(readings).toEqual(seenAtOnce(LAST));
  },
  SLOW,
);

test.each(READINGS['detaching-thing'].values)(
  'by the pace of AWS: a thing that is being detached is %s; a policy can be deleted late; writes are throttled',
  async (value) => {
    await startSlow(100, { 'detaching-thing': value }); // five minutes are three seconds
    const probed = {
      thingName: 'probed',
      policyName: 'probed',
      parameterPath: '/probed',
      certificateParameter: '/certificate',
    };
    const { askDeletion } = await import('../../prove/aws/ask-deletion.ts');
    const { askWrites } = await import('../../prove/aws/ask-writes.ts');
    const { readingsOf } = await import('../../prove/aws/probe.ts');
    let answers: Answer[] = [];
    // On a busy machine, what is detached may be deleted before anybody has looked.
    await expect
      .poll(async () => readingsOf((answers = await askDeletion({ probed }, ALWAYS))))
      .toEqual({
        'detaching-thing': value,
      });
    expect(answers[0]?.seen).toMatch(/^[34] s$/);
    const [writes] = await askWrites({ probed }, ALWAYS);
    expect(writes?.seen).toMatch(/^2\d writes in \d+ s until it throttled$/);
  },
  60_000,
);

test('a thief who cannot do anything is an error, which leaves the process alive to remove what is there', async () => {
  const { askRevocation } = await import('../../prove/aws/ask-revocation.ts');
  const { ScratchFleet } = await import('../../prove/aws/scratch-fleet.ts');
  const notDeployed = new ScratchFleet(scratchFolder());
  await expect(askRevocation(notDeployed, ALWAYS)).rejects.toThrow('stolen was deployed without an identity');
});

// More runs, each of which deploys and destroys.
describe.runIf(process.env.CI)('also', () => {
  test(
    'what nobody has thought of and what cannot be removed are failures, by name, and the answers are told all the same',
    async () => {
      assume({ 'action-type': LAST['action-type'] });
      // Every tenth message into the queue of the answers: none of these statements may fail, whatever AWS leaves open.
      for (let occurrence = 14; occurrence <= 200; occurrence += 10)
        faults.add({ service: 'sqs', operation: 'SendMessage', occurrence, kind: 'fail before' });
      for (let occurrence = 1; occurrence <= 6; occurrence += 1)
        // as often as the SDK tries
        faults.add({ service: 'iot', operation: 'DeleteTopicRule', occurrence, kind: 'fail before' });
      const { code, output, readings } = await wholeRun();
      faults.clear();
      expect(code, output).toBe(1);
      expect(output).toMatch(/^FAILED .*: assumed .*, seen silence$/m);
      expect(output).toMatch(/^it could not be removed: /m);
      expect(output).toMatch(/^FAILED nothing is left behind: assumed nothing, seen .*rule fleet_proveaws_telemetry/m);
      const failed = output.match(/^FAILED /gm)?.length;
      expect(output).toMatch(new RegExp(`^aws: \\d+ cases, ${failed} failed$`, 'm'));
      expect(readings).toMatchObject({ 'action-type': LAST['action-type'] });
      const { ScratchFleet } = await import('../../prove/aws/scratch-fleet.ts');
      await new ScratchFleet(scratchFolder()).remove();
    },
    SLOW,
  );

  test(
    'Ctrl-C leaves nothing of what AWS IoT lets go of late',
    async () => {
      await startSlow(30); // five minutes are ten seconds: longer than the CDK CLI takes
      const { askDeletion } = await import('../../prove/aws/ask-deletion.ts');
      const { ScratchFleet } = await import('../../prove/aws/scratch-fleet.ts');
      const { listCertificates } = await import('../../aws/certificates.ts');
      const fleet = new ScratchFleet(scratchFolder());
      // Once all is detached, it waits.
      await expect(askDeletion(fleet, AbortSignal.abort())).rejects.toThrow('aborted');
      expect(await fleet.inventory()).toHaveLength(3);
      await fleet.remove();
      expect([await fleet.inventory(), await listCertificates()]).toEqual([[], []]);
    },
    SLOW,
  );

  test(
    'Ctrl-C leaves nothing',
    async () => {
      const interrupted = prove('--yes');
      await until(interrupted, 'asking: the SQL of rules');
      expect(interrupted.output()).not.toContain('an earlier run');
      interrupted.child.kill('SIGINT');
      expect(await interrupted.ended()).toBe(1);
      vi.resetModules();
      const { ScratchFleet } = await import('../../prove/aws/scratch-fleet.ts');
      expect(await new ScratchFleet(scratchFolder()).inventory()).toEqual([]);
    },
    SLOW,
  );
});
