import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

/** Runs the CDK CLI with what cdk.json says and nothing from this machine. @returns stdout and stderr */
async function cdk(...args: string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['node_modules/aws-cdk/bin/cdk', ...args, '-c', 'fleet={"id":"ours"}', '--output', join(folder, 'cdk.out')],
    { env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: '', CDK_HOME: folder, CDK_VALIDATION: 'false' } },
  );
  return stdout + stderr;
}

const SLOW = 60_000; // starts the CLI and the app

test('every feature flag has its recommended value', { timeout: SLOW }, async () => {
  expect(await cdk('flags', '--unstable=flags')).toContain(
    'All feature flags are already set to their recommended values',
  );
});

test('nothing about this machine is sent to AWS', { timeout: SLOW }, async () => {
  expect(await cdk('cli-telemetry', '--status')).toContain('CLI Telemetry is disabled');
});

test('a synthesis warns of nothing', { timeout: SLOW }, async () => {
  const said = await cdk('synth', '--quiet');
  expect(said).not.toMatch(/warn|deprecat|not configured|notice|newer version/i);
  expect(said).toContain('Successfully synthesized');
});

test(
  'a bad fleet file is one line, without the stack of the app that the CLI has started',
  { timeout: SLOW },
  async () => {
    const fleet = mkdtempSync(join(tmpdir(), 'cdk-cli-'));
    onTestFinished(() => rmSync(fleet, { recursive: true }));
    writeFileSync(join(fleet, 'home.yaml'), 'devices:\n  a: { board: esp99 }\n');
    const refused = await cdk('synth', '--quiet', '-c', `fleetDir=${fleet}`).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 1 });
    const lines = String((refused as { stderr: string }).stderr).split('\n');
    expect(lines.filter((line) => line.includes('.yaml'))).toEqual([expect.stringMatching(/home\.yaml:2: .*esp99/)]);
    expect(lines.join('\n')).not.toMatch(/ at .*\.ts:\d+/);
  },
);
