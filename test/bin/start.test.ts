import { type ChildProcessWithoutNullStreams, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { StartOptions } from '../../demo/start.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import { NetworkNamespace } from '../../testing/firmware/network-namespace.ts';
import { emittedIdentity } from '../../testing/cloud/emitted-identity.ts';
import { makeLocalKey } from '../../cli/secrets/local-key.ts';
import { PICTURE, wordsOf } from './terminal-picture.ts';

const START = fileURLToPath(new URL('../../bin/start.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const execFileAsync = promisify(execFile);
const FREE_PORTS = ['--port', '0', '--mqtt-port', '0'];

const HOME = `devices:
  kitchen: { board: esp8266 } # by the window
  garage: { board: esp32 }
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'fleet'));
  writeFileSync(join(folder, 'fleet', 'home.yaml'), HOME);
  mkdirSync(join(folder, 'tmp'));
});

/** Runs bin/start.ts in a folder of its own, as `npm start` does in the repository's. */
function startIn(...argv: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ['--import', TSX, START, ...argv], {
    cwd: folder,
    // AWS's validation of the templates takes most of the time, and has a test of its own.
    env: { ...process.env, TMPDIR: join(folder, 'tmp'), CDK_VALIDATION: 'false' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function outcome(child: ChildProcessWithoutNullStreams) {
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

const run = (...argv: string[]) => outcome(startIn(...argv));

/** As `run` with free ports, without the seconds that a process takes to load. */
async function runHere(options: Partial<StartOptions> = {}) {
  const before = { cwd: process.cwd(), env: { ...process.env } };
  vi.resetModules(); // the clients of AWS keep the endpoint of their first call
  const { start } = await import('../../demo/start.ts');
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  process.chdir(folder);
  try {
    const code = await start(
      { port: 0, mqttPort: 0, context: [], ...options },
      { stdin: process.stdin, stdout, stderr },
    );
    stdout.end();
    stderr.end();
    return { code, stdout: await text(stdout), stderr: await text(stderr) };
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
  }
}

const PATIENT = { timeout: 90_000, interval: 100 };

/** The command lines of all that runs on this machine. */
function processes(): string {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
}

function leftInTemporaryFolder(): string[] {
  return readdirSync(join(folder, 'tmp')).filter((name) => /esp-fleet|local-cloud/.test(name));
}

test('--once walks the whole path, says so, and leaves nothing behind', { timeout: 300_000 }, async () => {
  const fleetFile = readFileSync('fleet/home.yaml', 'utf8');
  writeFileSync(join(folder, 'fleet', 'home.yaml'), fleetFile);
  const { code, stdout, stderr } = await run('--once', ...FREE_PORTS);
  expect(stderr).toBe('');
  expect(
    wordsOf(`$ npm start -- --once\n${stdout.trimEnd().replaceAll(join(folder, 'tmp'), '/tmp')}`),
    'the README shows it; npm run terminal-picture takes it anew',
  ).toBe(wordsOf(readFileSync(PICTURE, 'utf8')));
  expect(stdout).not.toContain('✗');
  expect(stdout).not.toContain('commit it'); // of a copy of the fleet file
  for (const seen of [
    /fleet-telemetry +CREATE_COMPLETE/,
    /fleet-site-home +CREATE_COMPLETE/,
    /✓ 2 simulated devices connect/,
    /device +received +full_topic +humidity +temperature/,
    /kitchen-sensor +\d{4}-\d\d-\d\d [\d:.]+ +rtjm\/kitchen-sensor\/telemetry +\d+ +[\d.]+/,
    /✓ bin\/fleet revoke kitchen-sensor/,
    /✓ kitchen-sensor is cut off.*\n.*refused .*REVOKED/,
    /✓ garage-door noticed nothing, and still publishes/,
    /✓ cdk destroy --all/,
    /✓ nothing is left/,
    /All of it held, in [\d.]+ s\.\n$/,
  ]) {
    expect(stdout).toMatch(seen);
  }
  expect(code).toBe(0);
  expect(readFileSync(join(folder, 'fleet', 'home.yaml'), 'utf8')).toBe(fleetFile);
  expect(readdirSync(folder).sort()).toEqual(['fleet', 'tmp']);
  expect(leftInTemporaryFolder()).toEqual([]);
});

test(
  'without --once, a page is served, rows are printed as they land, and a board is flashed by a rotation, until Ctrl-C',
  { timeout: 300_000 },
  async () => {
    // Of a local cloud that is long gone.
    const former = {
      ENDPOINT_URL: 'http://127.0.0.1:1',
      ACCESS_KEY_ID: 'x',
      SECRET_ACCESS_KEY: 'x',
      REGION: 'eu-west-1',
    };
    mkdirSync(join(folder, '.local'));
    const exports = Object.entries(former).map(([name, value]) => `export AWS_${name}='${value}'\n`);
    writeFileSync(join(folder, '.local', 'env'), exports.join(''));
    const csr = join(folder, 'tmp', 'vault.csr');
    writeFileSync(csr, (await makeLocalKey('ec', 'vault')).csr);
    const others = `  vault: { board: esp32, csr: ${csr} }\n  attic: { board: esp32, key: board }\n`;
    writeFileSync(join(folder, 'fleet', 'home.yaml'), `${HOME}${others}`);
    const child = startIn(...FREE_PORTS);
    const ended = outcome(child);
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    const row = /rtjm\/garage\/telemetry {2}humidity=\d+ temperature=/;
    const said = (pattern: RegExp, from = 0) =>
      expect.poll(() => lines.slice(from).some((line) => pattern.test(line)), PATIENT).toBe(true);
    await said(row);
    expect(lines.map((line) => line.trim())).toContain(
      'not simulated, since their keys are not in the cloud: vault, attic',
    );
    const exported = readFileSync(join(folder, '.local', 'env'), 'utf8');
    expect(exported).toMatch(/AWS_ENDPOINT_URL/);
    const [, url = ''] = /^Page: (http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43})$/.exec(lines[0] ?? '') ?? [];
    const page = await fetch(url);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>esp-fleet</title>')]);

    // Whoever has read .local/env goes on with this one.
    const [, endpoint] = /AWS_ENDPOINT_URL='(.*)'/.exec(exported) ?? [];
    const another = await runHere();
    expect(another.stderr).toBe(
      `esp-fleet: a local cloud of this folder runs already, at ${endpoint}; use that one (source .local/env), or end it by Ctrl-C in its terminal\n`,
    );
    expect(another).toMatchObject({ code: 1, stdout: '' });
    expect(readFileSync(join(folder, '.local', 'env'), 'utf8')).toBe(exported);

    // As the other terminal does.
    const variables = [...exported.matchAll(/^export (\w+)='([^'\n]*)'$/gm)].map(([, name, value]) => [name, value]);
    const environment = Object.fromEntries(variables) as Record<string, string>;
    const env = { ...process.env, ...environment, CDK_VALIDATION: 'false', CDK_HOME: join(folder, 'tmp') };
    const node = (cwd: string, ...args: string[]) => execFileAsync(process.execPath, args, { cwd, env });
    const fleet = (...argv: string[]) => node(folder, join(ROOT, 'bin/fleet.mjs'), ...argv);
    const context = ['-c', `fleetDir=${join(folder, 'fleet')}`, '-c', 'fleet={"removal":"destroy"}'];
    const cdk = (...argv: string[]) =>
      node(ROOT, 'node_modules/aws-cdk/bin/cdk', ...argv, ...context, '-o', join(folder, 'tmp', 'cdk.out'));
    const sent = await fleet('send', 'garage', '{"relay":true}');
    expect(sent.stdout).toContain('garage is connected: the command is on its way\n');
    // In the log of who started it, and as a row, which the page shows as well.
    await said(/^garage has received cmd\/rtjm\/garage\/command: \{"relay":true\}$/);
    await said(/garage +rtjm\/garage\/command {2}command=.*relay/);

    // It is flashed with the identity that a rotation makes, and so goes on after its end.
    await fleet('rotate', 'garage');
    await cdk('deploy', 'fleet-site-home', '--require-approval', 'never');
    await said(/^garage is flashed with generation 2 of its identity$/);
    await said(row, lines.length);
    await fleet('rotate', 'garage', '--finish');
    await cdk('deploy', 'fleet-site-home', '--require-approval', 'never');
    const finished = lines.length;
    await expect.poll(() => lines.slice(finished).filter((line) => row.test(line)).length > 1, PATIENT).toBe(true);
    expect(lines).not.toContain('garage was cut off');

    // Whoever destroys it can, and goes on with the cloud.
    await cdk('destroy', '--all', '--force');
    await said(
      /^fleet-telemetry is destroyed: there is nothing to show any more\. The local cloud goes on until Ctrl-C\.$/,
    );
    expect((await fleet('list')).stdout).toContain('not deployed');
    expect(child.exitCode).toBe(null);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect({ code, stderr: stderr.replace(/^refused .* INACTIVE\n|^refused .* registered here\n/gm, '') }).toEqual({
      code: 0,
      stderr: '',
    });
  },
);

const network = NetworkNamespace.make();
afterAll(() => network?.remove());

test.skipIf(network === undefined)(
  'with --lan, it says what is open and what to do with a board, and a simulation steps back for a board of its name',
  { timeout: 300_000 },
  async () => {
    const child = startIn(...FREE_PORTS, '--lan', String(network?.address));
    const ended = outcome(child);
    const lines: string[] = [];
    let taken: Promise<void> | undefined;
    for await (const line of createInterface(child.stdout)) {
      lines.push(line);
      // The same certificate from somewhere else: as a board that was flashed with it.
      const port = Number(new RegExp(`LAN: .* on ${network?.address}:(\\d+)`).exec(lines.join('\n'))?.[1]);
      if (/rtjm\/kitchen\/telemetry {2}humidity/.test(line)) taken ??= boardOfKitchen(port);
      if (/^kitchen: a board has connected by this name; its simulation ends$/.test(line)) break;
    }
    await taken;
    const said = lines.join('\n');
    expect(said).toContain('Without --lan it is closed again.');
    expect(said).toMatch(
      /^Now your board, an ESP8266 for kitchen:\n.*:\n {2}source .local\/env\n {2}# .*\n {2}bin\/fleet flash kitchen\n {2}bin\/fleet tail kitchen$/m,
    );
    child.kill('SIGINT');
    expect((await ended).stderr).toBe('');
  },
);

/** Connects as the device `kitchen`, by the address that `--lan` has. */
async function boardOfKitchen(port: number): Promise<void> {
  const local = (file: string) => readFileSync(join(folder, '.local', file), 'utf8');
  const env = new Map([...local('env').matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
  const of = (name: string): string => env.get(name) ?? '';
  const credentials = { accessKeyId: of('AWS_ACCESS_KEY_ID'), secretAccessKey: of('AWS_SECRET_ACCESS_KEY') };
  const client = { endpoint: of('AWS_ENDPOINT_URL'), region: of('AWS_REGION'), credentials };
  const which = { fleet: join(folder, 'fleet'), names: new FleetNames(), settings: undefined };
  const cloud = { rootCaPem: local('root-ca.pem') };
  const { pems } = await emittedIdentity({ client, cloud, which }, 'home', 'kitchen');
  const kitchen = board(port, 'kitchen', pems, { host: String(network?.address) });
  onTestFinished(() => kitchen.endAsync(true).then(() => undefined));
  await connected(kitchen);
}

test('Ctrl-C while it deploys ends all that it started', { timeout: 300_000 }, async () => {
  const child = startIn('--once', ...FREE_PORTS);
  const ended = outcome(child);
  await expect.poll(() => processes().includes('bin/app.mjs') && processes().includes(folder), PATIENT).toBe(true);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, stderr: '' });
  await expect.poll(() => processes().includes(folder), PATIENT).toBe(false);
  expect(leftInTemporaryFolder()).toEqual([]);
});

describe('one line says what to do when', () => {
  test('a port is in use', async () => {
    const server = createServer();
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await runHere({ once: true, port });
    expect(stderr).toMatch(new RegExp(`^esp-fleet: port ${port} is in use; .* --port N .*\n$`));
    expect(code).toBe(1);
  });

  test('the data folder cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await runHere({ once: true, data: join(folder, 'file', 'data') });
    expect(stderr).toMatch(/^esp-fleet: .*the data folder .* cannot be written .*--data DIR\n$/);
    expect(code).toBe(1);
  });

  test('a fleet file is wrong', async () => {
    writeFileSync(join(folder, 'fleet', 'home.yaml'), 'devices:\n  kitchen: { board: esp99 }\n');
    const { code, stdout, stderr } = await runHere({ once: true });
    expect(stderr).toBe(
      'esp-fleet: fleet/home.yaml:2: board "esp99" is not known; allowed: esp8266, esp32, esp32-c3, esp32-s3, esp32-c6\n',
    );
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });

  test('there is one device only', async () => {
    writeFileSync(join(folder, 'fleet', 'home.yaml'), 'devices:\n  kitchen: { board: esp32 }\n');
    const { code, stderr } = await runHere({ once: true });
    expect(stderr).toMatch(
      /^esp-fleet: --once needs two devices in fleet\/ that are not revoked and have their keys in the cloud: .*\n$/,
    );
    expect(code).toBe(1);
  });

  test.each(['revoked: true', 'key: board'])('no device can be simulated: %s', async (entry) => {
    writeFileSync(join(folder, 'fleet', 'home.yaml'), `devices:\n  kitchen: { board: esp32, ${entry} }\n`);
    const { code, stderr } = await runHere();
    expect(stderr).toBe(
      'esp-fleet: no device in fleet/ can be simulated: each is revoked, or its key is not in the cloud\n',
    );
    expect(code).toBe(1);
  });

  test('a device has its certificate since before, from an account of AWS', async () => {
    const pump = `  pump: { board: esp32, certificate: ${'7b29f65f'.repeat(8)} }\n`;
    writeFileSync(join(folder, 'fleet', 'home.yaml'), `${HOME}${pump}`);
    const { code, stderr } = await runHere();
    expect(stderr).toBe(
      'esp-fleet: these devices have certificates of your AWS account, which the local cloud cannot deploy: ' +
        'pump (fleet/home.yaml:4); for npm start, take them out of the file meanwhile\n',
    );
    expect(code).toBe(1);
  });

  test.each(['70000', 'x', '-1'])('--port is %s', async (port) => {
    const { code, stderr } = await run('--once', '--port', port);
    expect(stderr).toContain('Allowed: 0 to 65535.');
    expect(code).toBe(1);
  });
});

test('nothing is written before something can start', async () => {
  await run('--port', 'x');
  expect(existsSync(join(folder, '.local'))).toBe(false);
});
