import { describe, expect, test } from 'vitest';
import { fleetFolderIn, fleetSettings, settingsIn } from '../../../lib/fleet/settings.ts';

const DEFAULTS = {
  prefix: 'rtjm',
  removal: 'retain',
  stamps: ['received', 'full_topic', 'measured'],
  ingest: 'broker',
  payload: 'columns',
};

test('what is stored outlives its stack, has all stamps and stays, unless someone says otherwise', () => {
  expect(fleetSettings(undefined)).toEqual(DEFAULTS);
  expect(fleetSettings({})).toEqual(DEFAULTS);
});

test('an object from cdk.json and text from the command line say the same', () => {
  expect(fleetSettings({ removal: 'destroy' })).toEqual({ ...DEFAULTS, removal: 'destroy' });
  expect(fleetSettings('{"removal":"destroy"}')).toEqual({ ...DEFAULTS, removal: 'destroy' });
});

test.each([[[]], [['received']], [['full_topic']], [['full_topic', 'received']], [['measured']]])(
  'stamps may be %j',
  (stamps) => {
    expect(fleetSettings({ stamps }).stamps).toEqual(stamps);
  },
);

test('durations are hours or days, and come out in seconds', () => {
  expect(fleetSettings({ retention: '90d', silentAfter: '6h' })).toMatchObject({
    retention: 90 * 24 * 60 * 60,
    silentAfter: 6 * 60 * 60,
  });
  expect(fleetSettings({ kmsKey: 'mrk-1234abcd12ab34cd56ef1234567890ab' }).kmsKey).toMatch(/^mrk-/);
  expect(fleetSettings({ retention: '24h', silentAfter: '7d' })).toMatchObject({ retention: 86_400 });
  expect(fleetSettings({ retention: '3650d', silentAfter: '1h' })).toMatchObject({ silentAfter: 3_600 });
});

const NAME = 'is not valid; allowed: 1 to 20 of a-z and 0-9, a letter first; not site, alarms or telemetry';
const PREFIX = 'is not valid; allowed: 1 to 32 of a-z, 0-9 and "-"; not cmd';
const RETENTION = 'is not known; allowed: 1d to 3650d, such as "90d"';
const SILENT_AFTER = 'is not known; allowed: 1h to 7d, such as "6h"';
const STAMPS = 'is not known; allowed: received, full_topic, measured';

test.each([
  ...['', 'A', 'a-b', 'a_b', '1a', 'a'.repeat(21), 'site', 'alarms', 'telemetry', 7, null].map(
    (name): [object, string] => [{ name }, `name ${JSON.stringify(name)} ${NAME}`],
  ),
  // "_" parts a prefix from the name of a fleet, and below cmd/ commands are sent.
  ...['', 'cmd', 'a/b', 'a_b', '+', '$aws', 'A', 'x'.repeat(33), 7].map((prefix): [object, string] => [
    { prefix },
    `prefix ${JSON.stringify(prefix)} ${PREFIX}`,
  ]),
  [{ id: 'a b' }, 'id "a b" is not valid; allowed: 1 to 64 characters of a-z, 0-9 and "-"'],
  [{ removal: 'maybe' }, 'removal "maybe" is not known; allowed: retain, destroy'],
  [
    { ttl: '90d' },
    '"ttl" is not known; allowed: name, prefix, id, removal, stamps, retention, ingest, payload, silentAfter, github, kmsKey',
  ],
  [{ stamps: ['received', 'device'] }, `stamps "device" ${STAMPS}`],
  [{ stamps: [7] }, `stamps 7 ${STAMPS}`],
  [{ stamps: ['received', 'received'] }, 'stamps has a name twice; allowed: each once'],
  [{ stamps: 'received' }, 'stamps must be a list such as ["received"]'],
  [{ retention: '23h' }, `retention "23h" ${RETENTION}`],
  [{ retention: '3651d' }, `retention "3651d" ${RETENTION}`],
  [{ retention: '90 days' }, `retention "90 days" ${RETENTION}`],
  [{ retention: 90 }, `retention 90 ${RETENTION}`],
  [{ retention: null }, `retention null ${RETENTION}`],
  [{ silentAfter: '0h' }, `silentAfter "0h" ${SILENT_AFTER}`],
  [{ silentAfter: '30m' }, `silentAfter "30m" ${SILENT_AFTER}`],
  [{ silentAfter: '169h' }, `silentAfter "169h" ${SILENT_AFTER}`],
  [{ ingest: 'direct' }, 'ingest "direct" is not known; allowed: broker, basic'],
  [{ payload: 'whole' }, 'payload "whole" is not known; allowed: columns, raw'],
  [
    { ingest: 'basic', silentAfter: '6h' },
    'silentAfter does not go with ingest "basic"; allowed: with ingest "broker"',
  ],
  ['removal=destroy', 'not valid JSON; allowed: such as {"removal":"destroy"}'],
  [7, 'the content must be a map of keys and values'],
])('%j is refused', (context, message) => {
  expect(() => fleetSettings(context)).toThrow(
    expect.objectContaining({ message: `context "fleet": ${message}` }) as Error,
  );
});

describe('a stage', () => {
  const fleet = { removal: 'retain', retention: '90d' };
  const stages = { dev: { name: 'dev', removal: 'destroy' }, prod: {} };

  test('has the settings of the fleet, and its own over them', () => {
    expect(settingsIn({ fleet, stages })).toEqual(fleetSettings(fleet));
    expect(settingsIn({ fleet, stages, stage: 'prod' })).toEqual(fleetSettings(fleet));
    expect(settingsIn({ fleet, stages, stage: 'dev' })).toEqual(fleetSettings({ ...fleet, ...stages.dev }));
    expect(settingsIn({ stages: '{"dev":{"name":"dev"}}', stage: 'dev' }).name).toBe('dev');
  });

  test.each([
    [{ stages, stage: 'test' }, 'context "stage": "test" is not known; allowed: dev, prod'],
    [{ stage: 'dev' }, 'context "stage": "dev" is not known; allowed: none, since cdk.json has no "stages"'],
    [{ stages: [], stage: 'dev' }, 'context "stages": the content must be a map of keys and values'],
    [
      { stages: { dev: 'destroy' }, stage: 'dev' },
      'context "stages", "dev": not valid JSON; allowed: such as {"removal":"destroy"}',
    ],
    [
      { stages: { dev: { removal: 'now' } }, stage: 'dev' },
      'context "stages", "dev": removal "now" is not known; allowed: retain, destroy',
    ],
  ])('%j is refused', (context, message) => {
    expect(() => settingsIn(context)).toThrow(expect.objectContaining({ message }) as Error);
  });
});

test('the folder of the fleet files is fleet, or what somebody says', () => {
  expect(fleetFolderIn({})).toBe('fleet');
  expect(fleetFolderIn({ fleetDir: 'farm' })).toBe('farm');
  expect(() => fleetFolderIn({ fleetDir: {} })).toThrow('context "fleetDir": must be text');
});
