import { App, Validations } from 'aws-cdk-lib';
import { AlarmsStack, heard } from '../lib/alarms-stack.ts';
import { EnrolmentStack } from '../lib/enrolment-stack.ts';
import { FleetFileError } from '../lib/fleet/fleet-file-error.ts';
import { fleetIdOf } from '../lib/fleet/fleet-id.ts';
import { FleetNames } from '../lib/fleet/names.ts';
import { readFleet } from '../lib/fleet/read.ts';
import { CONTEXT_KEYS, type FleetContext, fleetFolderIn, settingsIn } from '../lib/fleet/settings.ts';
import { GithubStack } from '../lib/github-stack.ts';
import { SiteStack } from '../lib/site-stack.ts';
import { TelemetryStack } from '../lib/telemetry-stack.ts';
import { addYours } from '../lib/yours.ts';
import { FleetChecks } from '../lib/validation/fleet-checks.ts';

// The CDK app, which the CDK CLI starts as cdk.json says. Its context is described in lib/fleet/settings.ts.
// CDK_VALIDATION=false leaves out what takes long to check the templates: AWS's own validation, as it does in every CDK app,
// and cdk-nag.
if (process.env.CDK_CLI_VERSION !== undefined && process.env.AWS_ENDPOINT_URL !== undefined) {
  // The CDK CLI would say so in many lines, of which none names the cause.
  const { staleEnvironment } = await import('../cli/aws/stale-environment.ts');
  const stale = await staleEnvironment();
  if (stale !== undefined) {
    console.error(`esp-fleet: ${stale}`);
    process.exit(1);
  }
}
const app = new App();
try {
  const context: FleetContext = Object.fromEntries(
    CONTEXT_KEYS.map((key) => [key, app.node.tryGetContext(key) as unknown]),
  );
  const settings = settingsIn(context);
  const folder = fleetFolderIn(context);
  const sites = readFleet(folder, new FleetNames(settings));
  const fleetId =
    settings.id ??
    fleetIdOf(folder, (file) =>
      console.error(`${file} is new: commit it. It shows which stacks belong to this fleet.`),
    );
  const telemetry = new TelemetryStack(app, { settings, fleetId, sites: sites.map(({ name }) => name) });
  const { silentAfter, github } = settings;
  if (github !== undefined) new GithubStack(app, { names: new FleetNames(settings), fleetId, github });
  if (sites.some(({ devices }) => devices.some(({ enrols }) => enrols))) new EnrolmentStack(app, { fleetId, settings });
  for (const site of sites) {
    new SiteStack(app, { site, fleetId, settings });
    if (silentAfter !== undefined && heard(site).length > 0) new AlarmsStack(app, { site, fleetId, silentAfter });
  }
  await addYours(app, { names: new FleetNames(settings), settings, ...telemetry.ours });
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
