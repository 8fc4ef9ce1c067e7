/** Properties of the custom resource, as lib/device/device-certificate.ts writes them. */
export type CertificateProperties = Readonly<Record<string, string | boolean>>;

/** The template of a stack with one device, or with none when the properties are undefined. */
export type DeviceTemplate = (device: string, properties: CertificateProperties | undefined) => string;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

const OF_A_DEVICE: readonly string[] = ['AWS::IoT::Thing', 'AWS::IoT::Policy', 'Custom::DeviceCertificate'];

/** A stack must have a resource. */
const BESIDE = { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'beside the device' } };

/** Seconds; more than anything here takes, and not the ten minutes of the real one. */
const SERVICE_TIMEOUT = 60;

/**
 * Takes what belongs to its only device out of the template of a site, so that a case need not make the function anew.
 *
 * @param site the synthesized template of a site whose only device is `the-device`
 */
export function deviceTemplate(site: string, functionArn: string): DeviceTemplate {
  const { Resources } = JSON.parse(site) as { Resources: Record<string, Resource> };
  const ofDevice = Object.entries(Resources).filter(([, { Type }]) => OF_A_DEVICE.includes(Type));
  if (ofDevice.length !== OF_A_DEVICE.length) throw new Error(`a device has to have ${OF_A_DEVICE.join(', ')}`);
  return (device, properties) => {
    const resources = ofDevice.map(([logicalId, resource]) => {
      if (resource.Type !== 'Custom::DeviceCertificate') return [logicalId, resource] as const;
      const ours = { ServiceToken: functionArn, ServiceTimeout: SERVICE_TIMEOUT, ...properties };
      return [logicalId, { ...resource, Properties: { ...resource.Properties, ...ours } }] as const;
    });
    const all = { Beside: BESIDE, ...(properties && Object.fromEntries(resources)) };
    return JSON.stringify({ Resources: all }).replaceAll('the-device', device);
  };
}
