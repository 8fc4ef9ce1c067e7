import { App } from 'aws-cdk-lib';
import { FleetFileError } from '../lib/fleet/fleet-file-error.ts';
import { readFleet } from '../lib/fleet/read.ts';
import { fleetSettings } from '../lib/fleet/settings.ts';
import { SiteStack } from '../lib/site-stack.ts';
import { TelemetryStack } from '../lib/telemetry-stack.ts';

// The CDK app, which the CDK CLI starts as cdk.json says. Context: `fleet`, the settings of the whole fleet;
// `fleetDir`, the folder of the fleet files.
const app = new App();
try {
  const sites = readFleet(String(app.node.tryGetContext('fleetDir') ?? 'fleet'));
  const settings = fleetSettings(app.node.tryGetContext('fleet'));
  // One a site: a device that is added below the others changes nothing here.
  const charted = sites.flatMap(({ devices }) => devices.slice(0, 1)).map(({ name }) => name);
  new TelemetryStack(app, { settings, charted });
  for (const site of sites) new SiteStack(app, { site, settings });
} catch (error) {
  if (!(error instanceof FleetFileError)) throw error;
  console.error(error.message);
  process.exit(1); // at once, or the app would still write what it has so far
}
