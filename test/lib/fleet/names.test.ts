import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FleetNames, NAME_PATTERN } from '../../../lib/fleet/names.ts';

const name = fc.oneof(fc.constantFrom('a', 'b', 'ab', 'raw', 'seen'), fc.stringMatching(/^[a-z][a-z0-9]{0,19}$/));
const prefix = fc.oneof(fc.constantFrom('rtjm', 'a', 'a-b', 'rtjm-a'), fc.stringMatching(/^[a-z0-9-]{1,32}$/));
const naming = fc.record({ name: fc.option(name, { nil: undefined }), prefix });
/** Also such as look like parts of our names. */
const item = fc.oneof(
  fc.constantFrom('a', 'a-telemetry', 'a-site-b', 'telemetry', 'site', 'rtjm', 'cmd'),
  fc.stringMatching(NAME_PATTERN),
);

/** The settings refuse these. */
const RESERVED: readonly (string | undefined)[] = ['site', 'alarms', 'telemetry'];

const stacksOf = (names: FleetNames, site: string) => [
  names.telemetryStack,
  names.siteStack(site),
  names.alarmsStack(site),
];
const rulesOf = ({ telemetryRule, rawTelemetryRule, seenRule, connectedRule }: FleetNames) => [
  telemetryRule,
  rawTelemetryRule,
  seenRule,
  connectedRule,
];

test('a fleet without a name is called as ever: its boards have these names in their flash', () => {
  const names = new FleetNames();
  expect(stacksOf(names, 'home')).toEqual(['fleet-telemetry', 'fleet-site-home', 'fleet-alarms-home']);
  expect(rulesOf(names)).toEqual([
    'fleet_telemetry',
    'fleet_telemetry_raw',
    'fleet_telemetry_seen',
    'fleet_telemetry_connected',
  ]);
  expect([names.dashboard, names.seenMetricNamespace]).toEqual(['esp-fleet', 'esp-fleet']);
  expect(names.holder('attic')).toEqual({ thingName: 'attic', policyName: 'attic' });
  expect(names.listedHolder('home', 'attic')).toEqual({ thingName: 'attic', policyName: 'Devices-home' });
  expect(names.deviceTable).toBe('esp-fleet-devices');
  expect(names.identityPath('home', 'attic', 2)).toBe('/esp-fleet/home/attic/2');
  expect(names.telemetryTopic('attic')).toBe('rtjm/attic');
  expect(names.commandTopic('attic')).toBe('cmd/rtjm/attic');
  expect(names.basicIngestTopic('attic')).toBe('$aws/rules/fleet_telemetry/rtjm/attic');
});

test('a name stands in all that is in the account, and a prefix in topics alone', () => {
  const names = new FleetNames({ name: 'dev', prefix: 'farm' });
  expect(stacksOf(names, 'home')).toEqual(['fleet-dev-telemetry', 'fleet-dev-site-home', 'fleet-dev-alarms-home']);
  expect(rulesOf(names)).toEqual([
    'fleet_dev_telemetry',
    'fleet_dev_telemetry_raw',
    'fleet_dev_telemetry_seen',
    'fleet_dev_telemetry_connected',
  ]);
  expect([names.dashboard, names.seenMetricNamespace]).toEqual(['esp-fleet-dev', 'esp-fleet-dev']);
  expect(names.holder('attic')).toEqual({ thingName: 'dev_attic', policyName: 'dev_attic' });
  expect(names.listedHolder('home', 'attic')).toEqual({ thingName: 'dev_attic', policyName: 'dev_Devices-home' });
  expect(names.deviceTable).toBe('esp-fleet-dev-devices');
  expect(names.identityPath('home', 'attic', 2)).toBe('/esp-fleet-dev/home/attic/2');
  expect(names.telemetryTopic('attic')).toBe('farm_dev/attic');
  expect(names.commandTopic('attic')).toBe('cmd/farm_dev/attic');
  expect(new FleetNames({ prefix: 'farm' }).telemetryTopic('attic')).toBe('farm/attic');
  expect(names.deviceOf('dev_attic')).toBe('attic');
  expect(names.deviceOf('attic')).toBe('attic');
});

describe('of any two fleets with different names', () => {
  const two = fc
    .tuple(naming, naming)
    .filter(
      ([one, other]) => one.name !== other.name && !RESERVED.includes(one.name) && !RESERVED.includes(other.name),
    );

  test('nothing in the account has the same name, whatever their sites, devices and prefixes', () => {
    fc.assert(
      fc.property(two, item, item, ([one, other], first, second) => {
        const [a, b] = [new FleetNames(one), new FleetNames(other)];
        const common = (of: (names: FleetNames, name: string) => readonly string[]) =>
          of(a, first).filter((each) => of(b, second).includes(each));
        expect(common(stacksOf)).toEqual([]);
        expect(common(rulesOf)).toEqual([]);
        expect(common((names, device) => [names.thing(device), names.dashboard, names.deviceTable])).toEqual([]);
        expect(common((names, site) => [names.thing(site), names.listPolicy(site)])).toEqual([]);
        // By what a list, a policy or a rule takes: everything that begins like this.
        const begins = (names: FleetNames, device: string) => [
          `${names.sitePath(device)}/`,
          `${names.telemetryTopic(device)}/`,
          `${names.commandTopic(device)}/`,
        ];
        for (const start of begins(a, first))
          for (const there of begins(b, second)) expect(there).not.toMatch(literal(start));
        expect(`${b.telemetryTopic(second)}/x`).not.toMatch(literal(`${a.topicRoot}/`));
        for (const stack of stacksOf(b, second)) {
          expect(stack).not.toMatch(literal(a.siteStack('')));
          expect(stack).not.toMatch(literal(a.alarmsStack('')));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

test('the longest names are as long as AWS takes them', () => {
  const names = new FleetNames({ name: 'n'.repeat(20), prefix: 'p'.repeat(32) });
  const [site, device] = ['s'.repeat(64), 'd'.repeat(64)];
  // Stacks, things, policies, client ids and rules 128 characters (AWS's API references); a topic 256 bytes and 7 slashes.
  for (const one of [names.alarmsStack(site), names.thing(device), names.rawTelemetryRule]) {
    expect(one.length).toBeLessThanOrEqual(128);
  }
  expect(names.rawTelemetryRule).toMatch(/^\w+$/);
  expect(`${names.commandTopic(device)}/settings/heater`.length).toBeLessThanOrEqual(256);
  // SSM: 1,011 characters with the ARN before it, 15 levels.
  expect(names.identityPath(site, device, 999_999_999).length).toBeLessThan(400);
});

function literal(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}`);
}

test('a stack of a site is known by its name, whichever fleet it is of', () => {
  fc.assert(
    fc.property(naming, item, (one, site) => {
      fc.pre(!RESERVED.includes(one.name));
      expect(FleetNames.ofSiteStack(new FleetNames(one).siteStack(site))).toEqual({ fleet: one.name, site });
    }),
  );
  for (const stack of [
    'fleet-telemetry',
    'fleet-dev-telemetry',
    'fleet-alarms-home',
    'my-fleet-site-home',
    'fleet-Dev-site-home',
  ])
    expect(FleetNames.ofSiteStack(stack)).toBeUndefined();
});
