import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AlarmsStack } from '../../../lib/alarms-stack.ts';
import { EnrolmentStack } from '../../../lib/enrolment-stack.ts';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { SiteStack } from '../../../lib/site-stack.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { FleetChecks } from '../../../lib/validation/fleet-checks.ts';
import { siteOf, testApp } from '../synthesized.ts';
import { resource } from './checked-fleet.ts';

/** A fleet with one device of each kind, checked as bin/app.ts does. */
function validatedFleet(settings = fleetSettings({ removal: 'retain' })): App {
  const app = testApp();
  const two = [1, 2].map((number) => ({ number, keyType: 'rsa' as const }));
  const devices = ['plain', { name: 'shed', revoked: true }, { name: 'attic', generations: two } as const];
  const site = siteOf(
    ...devices,
    { name: 'garden', enrols: true },
    {
      name: 'vault',
      generations: [{ number: 1, keyType: 'ec', csr: { path: 'vault.csr', pem: 'the request', publicKey: 'its key' } }],
    },
  );
  new TelemetryStack(app, { settings, fleetId: 'ours', sites: [site.name] });
  new EnrolmentStack(app, { fleetId: 'ours', settings });
  new SiteStack(app, { site, fleetId: 'ours', settings });
  const { silentAfter } = settings;
  if (silentAfter !== undefined) new AlarmsStack(app, { site, fleetId: 'ours', silentAfter });
  Validations.of(app).addPlugins(new FleetChecks(settings), new AwsSolutionsChecks(app));
  return app;
}

interface Acknowledged {
  readonly acknowledgedId: string;
  readonly reason: string;
}

/** What validation found and did not report, since somebody said why it is right. */
function acknowledgedFindings(app: App): Acknowledged[] {
  const report = JSON.parse(readFileSync(join(app.synth().directory, 'validation-report.json'), 'utf8')) as {
    pluginReports: { suppressedViolations: Acknowledged[] }[];
  };
  return report.pluginReports.flatMap(({ suppressedViolations }) => suppressedViolations);
}

/** The ids of all acknowledgements beside the resources. */
function acknowledgements(app: App): string[] {
  return app.node
    .findAll()
    .flatMap((construct) => construct.node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.keys(data as object));
}

describe.each([
  { removal: 'retain' },
  { removal: 'destroy' },
  { retention: '90d', stamps: [] },
  { ingest: 'basic' },
  { silentAfter: '6h' },
])('a fleet with the settings %j', (settings) => {
  test('has no finding of cdk-nag and of our own rules but those that are acknowledged', () => {
    expect(validatedFleet(fleetSettings(settings)).synth().stacks.length).toBeGreaterThanOrEqual(2); // or it throws what it found
  });
});

test.each([{}, { silentAfter: '6h' }])(
  'with %j, each acknowledgement stands for a finding and gives its reason',
  (settings) => {
    const app = validatedFleet(fleetSettings(settings));
    const findings = acknowledgedFindings(app);
    // One acknowledgement may stand for several findings about a resource, as for what guards a table.
    const isSingle = (id: string) => id !== 'esp-fleet::table-loss';
    const found = findings.map(({ acknowledgedId }) => acknowledgedId);
    expect(found.filter(isSingle).sort()).toEqual(acknowledgements(app).filter(isSingle).sort());
    expect(new Set(found)).toEqual(new Set(acknowledgements(app)));
    expect(findings.filter(({ reason }) => reason.length < 20)).toEqual([]);
  },
);

test('a finding stops the synthesis and says where, what is wrong, what to do, and how to acknowledge it', () => {
  const app = validatedFleet();
  resource(app, 'AWS::IoT::TopicRule').addPropertyOverride('TopicRulePayload.ErrorAction', undefined);
  expect(() => app.synth()).toThrow(
    /The rule fleet_telemetry has no error action(.|\n)*fleet-telemetry\/Rule(.|\n)*Give the rule(.|\n)*esp-fleet::topic-rule-error-action/,
  );
});

test('an acknowledged finding of our own rules stops nothing, and its reason stands in the report', () => {
  const app = validatedFleet();
  const rule = resource(app, 'AWS::IoT::TopicRule');
  rule.addPropertyOverride('TopicRulePayload.ErrorAction', undefined);
  const reason = 'A count that is lost is no message that is lost.';
  Validations.of(rule).acknowledge({ id: 'esp-fleet::topic-rule-error-action', reason });
  expect(acknowledgedFindings(app)).toContainEqual(
    expect.objectContaining({ acknowledgedId: 'esp-fleet::topic-rule-error-action', reason }),
  );
});
