import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test, expect } from 'vitest';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };

/** Runs the app as the CDK CLI would, with more context, over a folder with these fleet files. */
async function synth(files: Record<string, string>, more: Record<string, unknown> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const outdir = join(folder, 'cdk.out');
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, fleetDir: folder, ...more }),
  };
  return new Promise<{ code: number; stdout: string; stderr: string; templates: string[]; outdir: string }>(
    (resolve) => {
      execFile(process.execPath, ['--import', 'tsx', 'bin/app.ts'], { env }, (error, stdout, stderr) => {
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

test('a stack a site and one for the telemetry, checked by CDK against the schemas of CloudFormation, in silence', async () => {
  const { code, stdout, stderr, templates } = await synth({
    'home.yaml': 'devices:\n  a: { board: esp32 }\n',
    'allotment.yaml': 'devices:\n  b: { board: esp8266, revoked: true }\n',
  });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(templates.sort()).toEqual([
    'fleet-site-allotment.template.json',
    'fleet-site-home.template.json',
    'fleet-telemetry.template.json',
  ]);
});

test('a bad fleet file: one line, exit 1, and nothing to deploy', async () => {
  const result = await synth({ 'home.yaml': 'devices:\n  a: { board: esp99 }\n' });
  expect(result).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'fleet/home.yaml:2: board "esp99" is not known; allowed: esp8266, esp32\n',
    templates: [],
  });
});

test('a bad setting: the same', async () => {
  const result = await synth({ 'home.yaml': 'devices: {}\n' }, { fleet: '{"removal":"never"}' });
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
