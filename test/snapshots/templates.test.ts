import type { Stack } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { EnrolmentStack } from '../../lib/enrolment-stack.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { readFleet } from '../../lib/fleet/read.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { SiteStack } from '../../lib/site-stack.ts';
import { TelemetryStack } from '../../lib/telemetry-stack.ts';
import { valueText } from '../../lib/validation/value-text.ts';
import { temporaryFleet } from '../lib/fleet/temporary-fleet.ts';
import { siteOf, templateOf, testApp } from '../lib/synthesized.ts';

// The templates of the fleet that a fresh clone has, for people to read in a pull request.

const CHANGED =
  'What would be deployed is not what test/snapshots says. If that is meant, write it anew with ' +
  '"npx vitest run test/snapshots --update", and commit it: its diff is for the reviewer';

/**
 * References as `${Name}`, and without what CDK adds to every template and the hash of the code, which changes with
 * each change of it.
 */
function readable(stack: Stack): string {
  const { Description, Resources, Outputs } = templateOf(stack).toJSON() as Record<string, unknown>;
  const short = (_: string, value: unknown) => (isReference(value) ? valueText(value) : value);
  const text = stringify(JSON.parse(JSON.stringify({ Description, Resources, Outputs }, short)), { lineWidth: 120 });
  return text.replaceAll(/\b[0-9a-f]{64}\b/g, '<hash>');
}

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && /^(Ref|Fn::\w+)$/.test(Object.keys(value).join());
}

test('the telemetry stack', async () => {
  const stack = new TelemetryStack(testApp(), { settings: fleetSettings({}), fleetId: 'ours', sites: ['home'] });
  await expect(readable(stack), CHANGED).toMatchFileSnapshot('fleet-telemetry.yaml');
});

test('a site with two devices', async () => {
  const site = siteOf('kitchen-sensor', { name: 'garage-door', board: 'esp32' });
  const stack = new SiteStack(testApp(), { site, fleetId: 'ours', settings: fleetSettings({}) });
  await expect(readable(stack), CHANGED).toMatchFileSnapshot('fleet-site-home.yaml');
});

test('a site whose devices are the lines of a list', async () => {
  const folder = temporaryFleet({ 'field.yaml': 'list: devices.csv\n', 'devices.csv': 'name,board\nattic,esp32\n' });
  const [site] = readFleet(folder, new FleetNames());
  const stack = new SiteStack(testApp(), { site: site!, fleetId: 'ours', settings: fleetSettings({}) });
  await expect(readable(stack), CHANGED).toMatchFileSnapshot('fleet-site-field.yaml');
});

test('the stack by which boards enrol, and a device whose board does', async () => {
  const settings = fleetSettings({});
  await expect(readable(new EnrolmentStack(testApp(), { fleetId: 'ours', settings })), CHANGED).toMatchFileSnapshot(
    'fleet-enrolment.yaml',
  );
  const site = siteOf({ name: 'attic', board: 'esp32-c3', enrols: true });
  await expect(readable(new SiteStack(testApp(), { site, fleetId: 'ours', settings })), CHANGED).toMatchFileSnapshot(
    'fleet-site-that-enrols.yaml',
  );
});
