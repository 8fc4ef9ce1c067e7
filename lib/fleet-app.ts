import { type App, Validations } from 'aws-cdk-lib';
import { AlarmsStack, heard } from './alarms-stack.ts';
import { EnrolmentStack } from './enrolment-stack.ts';
import { fleetIdOf } from './fleet/fleet-id.ts';
import { FleetNames } from './fleet/names.ts';
import { readFleet } from './fleet/read.ts';
import { CONTEXT_KEYS, type FleetContext, fleetFolderIn, settingsIn } from './fleet/settings.ts';
import { GithubStack } from './github-stack.ts';
import { SiteStack } from './site-stack.ts';
import { TelemetryStack } from './telemetry-stack.ts';
import { FleetChecks } from './validation/fleet-checks.ts';
import { addYours } from './yours.ts';

/**
 * All stacks of the fleet that the context of the app names, which lib/fleet/settings.ts describes, and our rules for them.
 *
 * @throws {FleetFileError} for what is wrong in a fleet file or a setting
 */
export async function addFleet(app: App): Promise<void> {
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
  const enrols = sites.some((site) => site.list !== undefined || site.devices.some((device) => device.enrols));
  const enrolment = enrols ? new EnrolmentStack(app, { fleetId, settings }) : undefined;
  for (const site of sites) {
    const stack = new SiteStack(app, { site, fleetId, settings });
    if (site.list !== undefined && enrolment !== undefined)
      stack.addStackDependency(enrolment, 'its table has the list');
    if (silentAfter !== undefined && heard(site).length > 0) new AlarmsStack(app, { site, fleetId, silentAfter });
  }
  await addYours(app, { names: new FleetNames(settings), settings, ...telemetry.ours });
  Validations.of(app).addPlugins(new FleetChecks(settings));
}
