import type { Stack } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { AlarmsStack } from '../../lib/alarms-stack.ts';
import { EnrolmentStack } from '../../lib/enrolment-stack.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { SiteStack } from '../../lib/site-stack.ts';
import { TelemetryStack } from '../../lib/telemetry-stack.ts';
import { siteOf, templateOf, testApp } from '../lib/synthesized.ts';

const PAGE = 'docs/operating.md';

/** A line an alarm: how its name begins, and what it says of itself. CloudFormation puts a hash of its own behind. */
function alarmsOf(stack: Stack): string[] {
  return Object.entries(templateOf(stack).findResources('AWS::CloudWatch::Alarm')).map(
    ([id, { Properties }]: [string, { Properties?: { AlarmDescription: string } }]) =>
      `- \`${stack.stackName}-${id.replace(/[0-9A-F]{8}$/, '')}…\`: ${Properties?.AlarmDescription}`,
  );
}

test('lists every alarm; `npx vitest run test/docs --update` writes the list', async () => {
  const settings = fleetSettings({ silentAfter: '6h' });
  const site = siteOf('kitchen-sensor');
  const app = testApp();
  const stacks = [
    new TelemetryStack(app, { settings, fleetId: 'ours', sites: ['home'] }),
    new EnrolmentStack(app, { settings, fleetId: 'ours' }),
    new SiteStack(app, { site, fleetId: 'ours', settings }),
    new AlarmsStack(app, { site, fleetId: 'ours', silentAfter: settings.silentAfter ?? 0 }),
  ];
  const page = readFileSync(PAGE, 'utf8').replace(
    /(<!-- alarms -->)[^]*(<!-- \/alarms -->)/,
    (_, begin: string, end: string) => `${begin}\n\n${stacks.flatMap(alarmsOf).join('\n')}\n\n${end}`,
  );
  await expect(await format(page, { parser: 'markdown', printWidth: 120 })).toMatchFileSnapshot(`../../${PAGE}`);
});
