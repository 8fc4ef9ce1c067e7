import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fleet } from '../../../cli/program.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { runFleet } from '../run-fleet.ts';

const FILE = 'devices:\n  kitchen: { board: esp32 }\n';

function web(...options: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const folder = temporaryFleet({ 'home.yaml': FILE });
  const running = fleet(['web', ...options, '--fleet', folder], { stdin: new PassThrough(), stdout, stderr });
  return { stdout, stderr, running };
}

test('--no-open: the first line is the link, which works until Ctrl-C', async () => {
  const { stdout, running } = web('--port', '0', '--no-open');
  const [link] = (await once(createInterface(stdout), 'line')) as [string];
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
  expect((await fetch(link)).status).toBe(200);
  process.emit('SIGINT');
  expect(await running).toBe(0);
  await expect(fetch(link)).rejects.toThrow();
});

test('a machine without a browser: the link stands above, and the page is served', async () => {
  vi.stubEnv('PATH', '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { stderr, running } = web();
  const said = text(stderr);
  await once(stderr, 'readable');
  process.emit('SIGINT');
  expect(await running).toBe(0);
  stderr.end();
  expect(await said).toBe('No browser could be started: open the link above.\n');
});

test('a port that is in use', async () => {
  const other = createServer();
  onTestFinished(() => void other.close());
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const { port } = other.address() as AddressInfo;
  const folder = temporaryFleet({ 'home.yaml': FILE });
  const { code, stdout, stderr } = await runFleet(['web', '--port', String(port), '--no-open', '--fleet', folder]);
  expect(stderr).toBe(`fleet: port ${port} is in use; another one: --port N, any free one: --port 0\n`);
  expect([code, stdout]).toEqual([1, '']);
});

test.each(['-1', 'x', '65536', '1.5'])('--port %s is refused', async (port) => {
  const { code, stderr } = await runFleet(['web', `--port=${port}`]);
  expect(stderr).toMatch(/^fleet: option '--port <number>' argument '.*' is invalid\. Allowed: 0 to 65535; see: .*\n$/);
  expect(code).toBe(1);
});

test('a fleet file that is wrong', async () => {
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp99 }\n' });
  const { code, stdout, stderr } = await runFleet(['web', '--no-open', '--fleet', folder]);
  expect(stderr).toMatch(/home\.yaml:2: board "esp99" is not known/);
  expect([code, stdout]).toEqual([1, '']);
});
