import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** What the custom resource asks for. */
export interface DeviceProperties {
  readonly device: string;
  readonly thingName: string;
  readonly policyName: string;
  /** The SSM parameter that holds the identity. */
  readonly parameterName: string;
  readonly revoked: boolean;
}

/** @throws {Error} naming the property that is missing or wrong */
export function devicePropertiesOf(event: CloudFormationCustomResourceEvent): DeviceProperties {
  const properties: Readonly<Record<string, unknown>> = event.ResourceProperties;
  const text = (name: string) => {
    const value = properties[name];
    if (typeof value !== 'string' || value === '') throw new Error(`the property ${name} is missing`);
    return value;
  };
  // CloudFormation turns every value of a custom resource into text.
  const revoked = text('revoked');
  if (revoked !== 'true' && revoked !== 'false') throw new Error('the property revoked must be true or false');
  return {
    device: text('device'),
    thingName: text('thingName'),
    policyName: text('policyName'),
    parameterName: text('parameterName'),
    revoked: revoked === 'true',
  };
}

/** Whether a physical id is one that a certificate gave: the id of a certificate is 64 hexadecimal digits. */
export function isCertificateId(physicalId: string): boolean {
  return /^[0-9a-f]{64}$/.test(physicalId);
}
