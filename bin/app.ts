import { App, Validations } from 'aws-cdk-lib';
import { AlarmsStack, heard } from '../lib/alarms-stack.ts';
import { FleetFileError } from '../lib/fleet/fleet-file-error.ts';
import { readFleet } from '../lib/fleet/read.ts';
import { fleetSettings } from '../lib/fleet/settings.ts';
import { SiteStack } from '../lib/site-stack.ts';
import { TelemetryStack } from '../lib/telemetry-stack.ts';
import { FleetChecks } from '../lib/validation/fleet-checks.ts';

// The CDK app, which the CDK CLI starts as cdk.json says. Context: `fleet`, the settings of the whole fleet;
// `fleetDir`, the folder of the fleet files. CDK_VALIDATION=false leaves out what takes long to check the templates:
// AWS's own validation, as it does in every CDK app, and cdk-nag.
const app = new App();
try {
  const settings = fleetSettings(app.node.tryGetContext('fleet'));
  const sites = readFleet(String(app.node.tryGetContext('fleetDir') ?? 'fleet'));
  new TelemetryStack(app, { settings, sites: sites.map(({ name }) => name) });
  const { silentAfter } = settings;
  for (const site of sites) {
    new SiteStack(app, { site, settings });
    if (silentAfter !== undefined && heard(site).length > 0) new AlarmsStack(app, { site, silentAfter });
  }
  Validations.of(app).addPlugins(new FleetChecks(settings));
} catch (error) {
  if (!(error instanceof FleetFileError)) throw error;
  console.error(error.message);
  process.exit(1); // at once, or the app would still write what it has so far
}
if (process.env.CDK_VALIDATION !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
