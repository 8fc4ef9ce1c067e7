import { WANTS, wantedOf } from '../../lib/fleet/enrolment.ts';
import { newestGeneration } from '../../lib/fleet/generations.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { NAMES } from '../proved-fleet.ts';

/** What the only device of a site is: one whose key the deployment or its board makes, or a line of a list. */
export const DEVICES = ['cloud', 'board', 'line'] as const;
export type Kind = (typeof DEVICES)[number];

/** By that, and by the setting that decides what the policy of a device allows. */
export type SiteTemplates = Readonly<Record<Kind, Readonly<Record<FleetSettings['ingest'], string>>>>;

export interface TemplateOptions {
  readonly ingest: FleetSettings['ingest'];
  /** The value of a parameter beside the device, if there is one. */
  readonly beside?: string;
}

/** The template of a stack with one device, or with none. */
export type DeviceTemplate = (device: FleetDevice | undefined, options: TemplateOptions) => string;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

type Resources = Readonly<Record<string, Resource>>;

const OF_A_DEVICE: readonly string[] = ['AWS::IoT::Thing', 'AWS::IoT::Policy', 'Custom::DeviceCertificate'];

const OF_A_LIST: readonly string[] = ['AWS::IoT::Policy', 'Custom::DeviceList'];

/** A stack must have a resource; for this one nothing is called. */
const NOTHING: Resource = { Type: 'AWS::CDK::Metadata' };

/** Seconds; more than anything here takes, and not the ten minutes of the real one. */
const SERVICE_TIMEOUT = 60;

const resourcesOf = (template: string): Resources => (JSON.parse(template) as { Resources: Resources }).Resources;

/**
 * Takes what belongs to its only device out of the template of a site, so that a case need not make the function anew.
 *
 * @param sites the synthesized templates of a site whose only device is `the-device`
 * @param site its name
 */
export function deviceTemplate(sites: SiteTemplates, site: string, functionArn: string): DeviceTemplate {
  return (device, { ingest, beside }) => {
    const resources = device && resourcesFor(device, sites[device.enrols ? 'board' : 'cloud'][ingest]);
    return templateOf(resources, beside).replaceAll('the-device', device?.name ?? '');
  };

  function resourcesFor(device: FleetDevice, template: string): Resources {
    const found = Object.entries(resourcesOf(template)).filter(([, { Type }]) => OF_A_DEVICE.includes(Type));
    if (found.length !== OF_A_DEVICE.length) throw new Error(`a device has to have ${OF_A_DEVICE.join(', ')}`);
    const made = found.flatMap(([logicalId, resource]) => {
      if (resource.Type === 'Custom::DeviceCertificate') return certificatesOf(device, logicalId, resource);
      const isWritten = device.enrols && resource.Type === 'AWS::IoT::Thing';
      const wants = { AttributePayload: { Attributes: { [WANTS]: wantedOf(device) } } };
      return [[logicalId, isWritten ? changed(resource, wants) : resource] as const];
    });
    return Object.fromEntries(made);
  }

  /** One a generation, or one for all, as lib/device/device-certificate.ts makes them. */
  function certificatesOf(device: FleetDevice, logicalId: string, resource: Resource): (readonly [string, Resource])[] {
    const { name, revoked, generations } = device;
    const common = { ServiceToken: functionArn, ServiceTimeout: SERVICE_TIMEOUT, revoked };
    if (device.enrols)
      return [[logicalId, changed(resource, { ...common, generation: newestGeneration(device).number })]];
    return generations.map(({ number, keyType }) => {
      const parameterPath = NAMES.identityPath(site, name, number);
      return [
        number === 1 ? logicalId : `${logicalId}${number}`,
        changed(resource, { ...common, parameterPath, keyType }),
      ];
    });
  }
}

function templateOf(resources: Resources | undefined, beside: string | undefined): string {
  const all = {
    Nothing: NOTHING,
    ...(beside !== undefined && {
      Beside: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: beside } },
    }),
    ...resources,
  };
  return JSON.stringify({ Resources: all });
}

const changed = (resource: Resource, properties: Readonly<Record<string, unknown>>): Resource => ({
  ...resource,
  Properties: { ...resource.Properties, ...properties },
});

/** The template of a stack with a list. @param key of the list in the bucket of the assets */
export type ListTemplate = (key: string, options: TemplateOptions) => string;

/** The same of a site whose devices are the lines of a list. */
export function listTemplate(sites: SiteTemplates, functionArn: string): ListTemplate {
  return (key, { ingest, beside }) => {
    const found = Object.entries(resourcesOf(sites.line[ingest])).filter(([, { Type }]) => OF_A_LIST.includes(Type));
    if (found.length !== OF_A_LIST.length) throw new Error(`a list has to have ${OF_A_LIST.join(', ')}`);
    const asWanted = { ServiceToken: functionArn, ServiceTimeout: SERVICE_TIMEOUT, key };
    const made = found.map(([logicalId, resource]) => {
      return [logicalId, resource.Type === 'Custom::DeviceList' ? changed(resource, asWanted) : resource] as const;
    });
    return templateOf(Object.fromEntries(made), beside);
  };
}

/** The same site without its device, or its list: what all its devices share. */
export function functionTemplate(site: string): string {
  const shared = Object.entries(resourcesOf(site)).filter(
    ([, { Type }]) => ![...OF_A_DEVICE, ...OF_A_LIST, NOTHING.Type].includes(Type),
  );
  return JSON.stringify({ Resources: Object.fromEntries(shared) });
}
