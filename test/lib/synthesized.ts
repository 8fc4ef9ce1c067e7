import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DISABLE_CREATION_STACK_TRACES } from 'aws-cdk-lib/cx-api';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import { fleetSettings } from '../../lib/fleet/settings.ts';
import { SiteStack } from '../../lib/site-stack.ts';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };

/** An app with the feature flags of cdk.json, whose cloud assembly is gone when the test is. */
export function testApp(): App {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  onTestFinished(() => rmSync(outdir, { recursive: true }));
  return appIn(outdir);
}

/** An app with those flags, without what takes long and changes no template: test/bin/app.test.ts leaves all of it on. */
export function appIn(outdir: string): App {
  return new App({
    context: { ...context, [DISABLE_CREATION_STACK_TRACES]: true },
    outdir,
    builtinCloudFormationValidation: false,
    stackTraces: false,
    treeMetadata: false,
  });
}

/** What CloudFormation would be given for a site with these devices. */
export function siteTemplate(...devices: (string | Partial<FleetDevice>)[]): Template {
  return siteTemplateWith({}, ...devices);
}

/** The same, with settings as they would stand in cdk.json. */
export function siteTemplateWith(settings: object, ...devices: (string | Partial<FleetDevice>)[]): Template {
  const site = { ...siteOf(...devices), names: new FleetNames(fleetSettings(settings)) };
  return templateOf(new SiteStack(testApp(), { site, fleetId: 'ours', settings: fleetSettings(settings) }));
}

export function siteOf(...devices: (string | Partial<FleetDevice>)[]) {
  return {
    name: 'home',
    names: new FleetNames(),
    file: 'fleet/home.yaml',
    devices: devices.map((device, index): FleetDevice => {
      const given = typeof device === 'string' ? { name: device } : device;
      const defaults = { board: 'esp8266', revoked: false, generations: [{ number: 1, keyType: 'ec' }] } as const;
      return { name: 'a', ...defaults, line: index + 2, ...given };
    }),
  };
}

export function templateOf(stack: Stack): Template {
  return Template.fromStack(stack);
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
}

/** All resources of a template by logical id. */
export function resourcesOf(template: Template): Record<string, Resource> {
  return (template.toJSON() as { Resources: Record<string, Resource> }).Resources;
}
