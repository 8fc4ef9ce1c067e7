import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../lib/fleet/temporary-fleet.ts';
import { identityOf, identityStored, nothingDeployed, siteDeployed, thingHas } from './deployed.ts';
import { runFleet } from './run-fleet.ts';

const FILE = `devices:
  # the tall one
  kitchen: { board: esp8266 } # by the window
  shed: { board: esp32, revoked: true }
`;

let folder: string;
let file: string;
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
  nothingDeployed();
  siteDeployed('home', ['kitchen', 'shed']);
  folder = temporaryFleet({ 'home.yaml': FILE });
  file = join(folder, 'home.yaml');
});

const rotate = (...argv: string[]) => runFleet(['rotate', ...argv, '--fleet', folder]);
const text = () => readFileSync(file, 'utf8');

test('raises the generation, and says what comes next', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  identityStored('home', 'kitchen', identityOf('kitchen', 'a'));
  const { code, stdout, stderr } = await rotate('kitchen');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(text()).toBe(FILE.replace('{ board: esp8266 }', '{ board: esp8266, generation: 2 }'));
  expect(stdout).toBe(`✓ ${file} says generation: 2
Next:
  commit it, and deploy it: npx cdk deploy fleet-site-home
  flash the board with its new identity: npx fleet secrets kitchen
  take the old identity away: npx fleet rotate kitchen --finish
`);
});

test('twice before it is deployed raises it once', async () => {
  thingHas('kitchen', { a: 'ACTIVE' });
  identityStored('home', 'kitchen', identityOf('kitchen', 'a'));
  await rotate('kitchen');
  const once = text();
  const { code, stdout } = await rotate('kitchen');
  expect(code).toBe(0);
  expect(stdout).toContain('says generation: 2 already, which is not deployed yet');
  expect(text()).toBe(once);
});

test('gives a new identity to a device whose record is lost', async () => {
  const { code } = await rotate('kitchen');
  expect(code).toBe(0);
  expect(text()).toContain('generation: 2');
});

test('is refused while the identity before still works: the deployment would fail', async () => {
  thingHas('kitchen', { a: 'ACTIVE', b: 'ACTIVE' });
  identityStored('home', 'kitchen', identityOf('kitchen', 'b', { spec: '2 ec', serial: 2 }));
  identityStored('home', 'kitchen', identityOf('kitchen', 'a'), 'previous');
  const { code, stderr } = await rotate('kitchen');
  expect(stderr).toBe(
    'fleet: kitchen still has its identity of generation 1 beside the current one; ' +
      'once its board uses the current one, run: npx fleet rotate kitchen --finish\n',
  );
  expect(code).toBe(1);
  expect(text()).toBe(FILE);
});

test.each([
  ['shed', () => undefined, /^fleet: shed is revoked \(.*home\.yaml\); for a new identity, take "revoked: true" away/],
  ['shop', () => undefined, /^fleet: no device "shop" in /],
  ['kitchen', () => siteDeployed('home', []), /^fleet: device "kitchen" is not deployed; run: npx cdk deploy --all/],
])('%s: refused, and nothing changes', async (device, prepare, message) => {
  prepare();
  const { code, stderr } = await rotate(device);
  expect(stderr).toMatch(message);
  expect(code).toBe(1);
  expect(text()).toBe(FILE);
});

test('of a REVOKED identity, nothing is left to take away', async () => {
  thingHas('kitchen', { a: 'REVOKED' });
  identityStored('home', 'kitchen', identityOf('kitchen', 'a'));
  const { code, stdout } = await rotate('kitchen');
  expect(code).toBe(0);
  expect(stdout).toContain('says generation: 2\n');
  expect(stdout).not.toContain('--finish');
});
