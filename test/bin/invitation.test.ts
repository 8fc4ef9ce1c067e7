import { expect, test } from 'vitest';
import { notSimulable } from '../../demo/demo.ts';
import { firstDevice, invitation, nowYourBoard } from '../../demo/invitation.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetDevice, Site } from '../../lib/fleet/read.ts';

/* What `npm start` shows people to try, by the devices that there are. test/bin/start.test.ts starts it. */

const names = new FleetNames();
const device = (name: string, more: Partial<FleetDevice> = {}): FleetDevice => {
  return { name, board: 'esp32-c3', revoked: false, generations: [{ number: 1, keyType: 'ec' }], line: 2, ...more };
};
const site = (...devices: FleetDevice[]): Site[] => [{ name: 'home', names, file: 'fleet/home.yaml', devices }];
const [kitchen, attic] = [device('kitchen'), device('attic', { enrols: true })];

test('with a device that is simulated, be it not the first: its PEM files, and how it is flashed', () => {
  const sites = site(attic, kitchen);
  const first = firstDevice(sites, true);
  expect(first.name).toBe('kitchen');
  expect(invitation(first, { names, context: [], sites }, 'PAGE')).toContain(
    'bin/fleet secrets kitchen --pem .local/kitchen',
  );
  expect(nowYourBoard(first)).toContain('bin/fleet flash kitchen\n');
});

test('with --lan, a device whose board makes its key is enough: how that enrols', () => {
  const sites = site(attic);
  const first = firstDevice(sites, true);
  const said = invitation(first, { names, context: ['stage=dev'], sites }, 'PAGE');
  expect(said).toContain("bin/fleet -c stage=dev send attic '{");
  expect(said).not.toContain('secrets');
  expect(nowYourBoard(first)).toMatch(
    /^Now your board, an ESP32-C3 for attic:\n[^]*bin\/fleet enrol --header\n[^]*bin\/fleet enrol attic\n {2}bin\/fleet tail attic\n$/,
  );
});

test('what is not simulated: neither a board that makes its key, nor one of a list', () => {
  const list = { file: 'fleet/meters.csv', devices: [device('meter-1', { enrols: true })] };
  const gone = device('gone', { revoked: true });
  const sites = [
    ...site(kitchen, attic, gone),
    { name: 'meters', names, file: 'fleet/meters.yaml', devices: [], list },
  ];
  expect(notSimulable(sites)).toEqual(['attic', 'meter-1']);
});

test.each([
  ['without --lan', [attic], false],
  ['when it is revoked', [{ ...attic, revoked: true }], true],
])('%s, it is refused', (_, devices, lan) => {
  expect(() => firstDevice(site(...devices), lan)).toThrow('no device in fleet/ can be simulated');
});
