import type { FleetDevice } from '../../lib/fleet/read.ts';

/** The template of a stack with one device, or with none, and with a parameter of that value beside it if there is one. */
export type DeviceTemplate = (device: FleetDevice | undefined, beside?: string) => string;

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
 * @param site the synthesized template of a site whose only device is `the-device`
 */
export function deviceTemplate(site: string, functionArn: string): DeviceTemplate {
  const ofDevice = Object.entries(resourcesOf(site)).filter(([, { Type }]) => OF_A_DEVICE.includes(Type));
  if (ofDevice.length !== OF_A_DEVICE.length) throw new Error(`a device has to have ${OF_A_DEVICE.join(', ')}`);
  return (device, beside) => {
    const resources = ofDevice.map(([logicalId, resource]) => {
      if (resource.Type !== 'Custom::DeviceCertificate') return [logicalId, resource] as const;
      const { revoked, generation, keyType } = device ?? {};
      const ours = { ServiceToken: functionArn, ServiceTimeout: SERVICE_TIMEOUT, revoked, generation, keyType };
      return [logicalId, { ...resource, Properties: { ...resource.Properties, ...ours } }] as const;
    });
    const all = {
      Nothing: NOTHING,
      ...(beside !== undefined && {
        Beside: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: beside } },
      }),
      ...(device && Object.fromEntries(resources)),
    };
    return JSON.stringify({ Resources: all }).replaceAll('the-device', device?.name ?? '');
  };
}

/** The same site without its device: what all its devices share. */
export function functionTemplate(site: string): string {
  const shared = Object.entries(resourcesOf(site)).filter(
    ([, { Type }]) => !OF_A_DEVICE.includes(Type) && Type !== NOTHING.Type,
  );
  return JSON.stringify({ Resources: Object.fromEntries(shared) });
}
