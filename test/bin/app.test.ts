import { memoryLog, startCloud } from '@esp-fleet/local-cloud';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };

interface Surroundings {
  /** More than cdk.json says. */
  readonly context?: Record<string, unknown>;
  readonly env?: Record<string, string>;
  /** A module that is loaded before the app. */
  readonly before?: string;
  /** Where it is started. @default the folder of cdk.json */
  readonly cwd?: string;
}

/** CDK's own validation takes seconds, and more of them beside other tests. */
const WITH_VALIDATION = 60_000;

/** Runs the app as the CDK CLI would, over a folder with these fleet files. */
async function synth(files: Record<string, string>, surroundings: Surroundings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries({ id: 'ours', ...files })) writeFileSync(join(folder, name), text);
  const outdir = join(folder, 'cdk.out');
  const env = {
    ...process.env,
    ...surroundings.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, fleetDir: folder, ...surroundings.context }),
  };
  const before = surroundings.before === undefined ? [] : ['--import', surroundings.before];
  const args = [...before, resolve('bin/app.mjs')];
  return new Promise<{ code: number; stdout: string; stderr: string; templates: string[]; outdir: string }>(
    (resolve) => {
      execFile(process.execPath, args, { env, cwd: surroundings.cwd }, (error, stdout, stderr) => {
        void readdir(outdir)
          .catch(() => [])
          .then((entries: string[]) =>
            resolve({
              code: error === null ? 0 : Number(error.code),
              stdout,
              stderr: stderr.replaceAll(join(folder, '/'), 'fleet/'),
              templates: entries.filter((entry) => entry.endsWith('.template.json')),
              outdir,
            }),
          );
      });
    },
  );
}

test(
  'a stack a site and one for the telemetry, with all validation and in silence',
  { timeout: WITH_VALIDATION },
  async () => {
    const { code, stdout, stderr, templates, outdir } = await synth(
      {
        'home.yaml': 'devices:\n  a: { board: esp32 }\n',
        'allotment.yaml': 'devices:\n  b: { board: esp8266, revoked: true }\n',
      },
      { context: { fleet: { silentAfter: '6h' } } },
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    // No device of the allotment is to be heard of, and CloudFormation takes no empty stack.
    expect(templates.sort()).toEqual([
      'fleet-alarms-home.template.json',
      'fleet-site-allotment.template.json',
      'fleet-site-home.template.json',
      'fleet-telemetry.template.json',
    ]);
    // cdk-nag has looked as well: the report has what it found and somebody acknowledged.
    expect(readFileSync(join(outdir, 'validation-report.json'), 'utf8')).toContain('AwsSolutions-SQS3');
  },
);

test('a finding of our own rules, without the validation that takes long: what is wrong, and exit 1', async () => {
  const { code, stderr } = await synth(
    { 'home.yaml': 'devices: {}\n' },
    { before: './test/bin/without-error-action.mjs', env: { CDK_VALIDATION: 'false' } },
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /lib\/telemetry\/telemetry-rule\.ts:\d+:\d+\nERROR The rule fleet_telemetry has no error action/,
  );
});

test('yours/stacks.ts where it is started: TypeScript, with more of lib/', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'app-yours-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  mkdirSync(join(cwd, 'yours'));
  writeFileSync(join(cwd, 'package.json'), '{ "type": "module" }');
  const names = JSON.stringify(pathToFileURL(resolve('lib/fleet/names.ts')));
  writeFileSync(
    join(cwd, 'yours/stacks.ts'),
    `import { FleetNames } from ${names};
export default (app: unknown, { names }: { names: unknown }): void => console.error(names instanceof FleetNames);`,
  );
  const env = { CDK_VALIDATION: 'false' };
  expect(await synth({ 'home.yaml': 'devices: {}\n' }, { cwd, env })).toMatchObject({ code: 0, stderr: 'true\n' });
});

test('a bad fleet file: one line, exit 1, and nothing to deploy', async () => {
  const result = await synth({ 'home.yaml': 'devices:\n  a: { board: esp99 }\n' });
  expect(result).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'fleet/home.yaml:2: board "esp99" is not known; allowed: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6\n',
    templates: [],
  });
});

test('a bad setting: the same', async () => {
  const result = await synth({ 'home.yaml': 'devices: {}\n' }, { context: { fleet: '{"removal":"never"}' } });
  expect(result).toMatchObject({
    code: 1,
    stderr: 'context "fleet": removal "never" is not known; allowed: retain, destroy\n',
    templates: [],
  });
});

test('more devices than a stack holds: the same', async () => {
  const devices = Array.from({ length: 166 }, (_, index) => `  d${index}: { board: esp32 }\n`).join('');
  const result = await synth({ 'home.yaml': `devices:\n${devices}` });
  expect(result.stderr).toMatch(/^fleet\/home\.yaml:167: no room for device "d165": .*\n$/);
  expect(result).toMatchObject({ code: 1, templates: [] });
});

describe('with what .local/env said of a local cloud that has ended, a sentence before the CDK CLI asks it for anything', () => {
  const home = { 'home.yaml': 'devices:\n  a: { board: esp32 }\n' };
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAOLD', AWS_SECRET_ACCESS_KEY: 'old', AWS_REGION: 'us-east-1' };
  const byCli = { ...keys, CDK_CLI_VERSION: '2.1148.1', CDK_VALIDATION: 'false' };

  test('while none is there', { timeout: 30_000 }, async () => {
    const env = { ...byCli, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    expect(await synth(home, { env })).toMatchObject({
      code: 1,
      stderr:
        'esp-fleet: nothing answers at http://127.0.0.1:1 (ECONNREFUSED); start the local cloud (npm start, or npm run local) ' +
        'and run again: source .local/env; or unset AWS_ENDPOINT_URL to use AWS\n',
      templates: [],
    });
  });

  test('and after another one has started', { timeout: 30_000 }, async () => {
    const cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
    onTestFinished(() => cloud.close());
    const env = { ...byCli, AWS_ENDPOINT_URL: cloud.endpoint };
    expect(await synth(home, { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^esp-fleet: .* does not accept these credentials; .* source \.local\/env\n$/,
      ) as string,
    });
    expect(await synth(home, { env: { ...byCli, ...cloud.environment } })).toMatchObject({ code: 0, stderr: '' });
  });
});
