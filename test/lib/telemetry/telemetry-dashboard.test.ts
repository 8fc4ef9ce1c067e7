import { expect, test } from 'vitest';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { templateOf, testApp } from '../synthesized.ts';

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly width: number;
  readonly properties: { readonly title: string; readonly params?: object; readonly endpoint?: string };
}

/** The dashboard as CloudWatch gets it, but for the names of resources, of which there is the logical id. */
function dashboardWith(settings: object): Widget[] {
  const template = templateOf(
    new TelemetryStack(testApp(), { settings: fleetSettings(settings), fleetId: 'ours', sites: ['home'] }),
  );
  template.hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'esp-fleet' });
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard')) as {
    Properties: { DashboardBody: { 'Fn::Join': [string, unknown[]] } };
  }[];
  const parts = dashboard?.Properties.DashboardBody['Fn::Join'][1] ?? [];
  const logicalId = (reference: unknown) =>
    Object.values(reference as Record<string, string | [string]>)
      .flat()
      .join('.');
  const body = parts.map((part) => (typeof part === 'string' ? part : logicalId(part))).join('');
  return (JSON.parse(body) as { widgets: Widget[] }).widgets;
}

test('begins with the curves, which follow the time that people choose', () => {
  const [curves] = dashboardWith({});
  expect(curves).toMatchObject({
    type: 'custom',
    width: 24,
    properties: {
      title: 'Curves',
      endpoint: expect.stringMatching(/^ChartWidget/) as string,
      updateOn: { refresh: true, resize: true, timeRange: true },
    },
  });
});

test('shows the way of the messages, and the alarms', () => {
  expect(dashboardWith({}).map(({ properties }) => properties.title)).toEqual([
    'Curves',
    'Messages',
    'Not stored, per rule and action',
    'Dead letters',
    'Throttled',
    'Written to the time-series',
    'Alarms',
  ]);
});

test.each(['broker', 'basic'])('with ingest %s, names the rules that are there and no other', (ingest) => {
  const text = JSON.stringify(dashboardWith({ ingest }));
  expect(text).toContain('RuleName=\\"fleet_telemetry\\"');
  expect(text.includes('fleet_telemetry_raw')).toBe(ingest === 'broker');
});

test('fits into the grid', () => {
  for (const { x, width } of dashboardWith({})) expect(x + width).toBeLessThanOrEqual(24);
});
