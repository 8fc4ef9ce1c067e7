import { type App, CfnResource } from 'aws-cdk-lib';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { SiteStack } from '../../../lib/site-stack.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { FleetChecks } from '../../../lib/validation/fleet-checks.ts';
import { siteOf, testApp } from '../synthesized.ts';

/** The stacks of a fleet with one device, `kitchen`. */
export function fleetApp(settings = fleetSettings({ removal: 'retain' })): App {
  const app = testApp();
  const site = siteOf('kitchen');
  new TelemetryStack(app, { settings, fleetId: 'ours', sites: [site.name] });
  new SiteStack(app, { site, fleetId: 'ours', settings });
  return app;
}

/** The only or first resource of a type, for a test to spoil. */
export function resource(app: App, type: string): CfnResource {
  const resources = app.node.findAll().filter((node) => CfnResource.isCfnResource(node));
  const found = resources.find(({ cfnResourceType }) => cfnResourceType === type);
  if (found === undefined) throw new Error(`no ${type} in the fleet`);
  return found;
}

/** What our own rules say about the templates of an app: `rule: problem`. */
export function findings(app: App, settings = fleetSettings({ removal: 'retain' })): string[] {
  const templatePaths = app.synth().stacks.map(({ templateFullPath }) => templateFullPath);
  const checks = new FleetChecks(settings);
  const report = checks.validate({ templatePaths, stackTemplates: [], appConstruct: app });
  // What is found there is right, and acknowledged: see validated-fleet.test.ts.
  const isAcknowledged = (id = '') => id.startsWith('UsedIdentities');
  return report.violations
    .filter(({ violatingResources }) => !violatingResources.every(({ resourceLogicalId: id }) => isAcknowledged(id)))
    .map(({ ruleName, description }) => `${ruleName}: ${description}`);
}
