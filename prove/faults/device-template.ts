import type { FleetDevice } from '../../lib/fleet/read.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { NAMES } from '../proved-fleet.ts';

/** By the setting that decides what the policy of a device allows. */
export type SiteTemplates = Readonly<Record<FleetSettings['ingest'], string>>;

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
  const ofDevice = (template: string) => {
    const found = Object.entries(resourcesOf(template)).filter(([, { Type }]) => OF_A_DEVICE.includes(Type));
    if (found.length !== OF_A_DEVICE.length) throw new Error(`a device has to have ${OF_A_DEVICE.join(', ')}`);
    return found;
  };
  const byIngest = { broker: ofDevice(sites.broker), basic: ofDevice(sites.basic) };
  return (device, { ingest, beside }) => {
    const resources = byIngest[ingest].flatMap(([logicalId, resource]) =>
      resource.Type === 'Custom::DeviceCertificate' && device !== undefined
        ? certificatesOf(device, logicalId, resource)
        : [[logicalId, resource] as const],
    );
    const all = {
      Nothing: NOTHING,
      ...(beside !== undefined && {
        Beside: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: beside } },
      }),
      ...(device && Object.fromEntries(resources)),
    };
    return JSON.stringify({ Resources: all }).replaceAll('the-device', device?.name ?? '');
  };

  /** One a generation, as lib/device/device-certificate.ts makes them. */
  function certificatesOf({ name, revoked, generations }: FleetDevice, logicalId: string, resource: Resource) {
    return generations.map(({ number, keyType }): readonly [string, Resource] => {
      const Properties = {
        ...resource.Properties,
        ServiceToken: functionArn,
        ServiceTimeout: SERVICE_TIMEOUT,
        parameterPath: NAMES.identityPath(site, name, number),
        revoked,
        keyType,
      };
      return [number === 1 ? logicalId : `${logicalId}${number}`, { ...resource, Properties }];
    });
  }
}

/** The same site without its device: what all its devices share. */
export function functionTemplate(site: string): string {
  const shared = Object.entries(resourcesOf(site)).filter(
    ([, { Type }]) => !OF_A_DEVICE.includes(Type) && Type !== NOTHING.Type,
  );
  return JSON.stringify({ Resources: Object.fromEntries(shared) });
}
