import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

/** What the custom resource asks for. */
export interface DeviceProperties {
  readonly device: string;
  readonly thingName: string;
  readonly policyName: string;
  /** The SSM parameter of the current identity, `…/identity`; the others lie beside it. */
  readonly parameterName: string;
  readonly revoked: boolean;
  /** Raised to replace the identity. */
  readonly generation: string;
  readonly keyType: KeyType;
  /** PKCS #10 in PEM, from a device that keeps its own key. */
  readonly csr?: string;
}

export type KeyType = 'ec' | 'rsa';

/** @throws {Error} naming the property that is missing or wrong */
export function devicePropertiesOf(event: CloudFormationCustomResourceEvent): DeviceProperties {
  const properties: Readonly<Record<string, unknown>> = event.ResourceProperties;
  const text = (name: string, absent?: string) => {
    const value = properties[name] ?? absent;
    if (typeof value !== 'string' || value === '') throw new Error(`the property ${name} is missing`);
    return value;
  };
  const oneOf = <Value extends string>(name: string, values: readonly [Value, Value], absent?: Value): Value => {
    const value = text(name, absent);
    const [found] = values.filter((allowed) => allowed === value);
    if (found === undefined) throw new Error(`the property ${name} must be ${values.join(' or ')}`);
    return found;
  };
  // CloudFormation turns every value of a custom resource into text.
  const generation = text('generation', '1');
  if (!/^[1-9]\d*$/.test(generation)) throw new Error('the property generation must be a whole number from 1');
  return {
    device: text('device'),
    thingName: text('thingName'),
    policyName: text('policyName'),
    parameterName: text('parameterName'),
    revoked: oneOf('revoked', ['true', 'false']) === 'true',
    generation,
    keyType: oneOf('keyType', ['ec', 'rsa'], 'ec'),
    ...(properties.csr !== undefined && { csr: text('csr') }),
  };
}

/** Whether a physical id is one that a certificate gave: the id of a certificate is 64 hexadecimal digits. */
export function isCertificateId(physicalId: string): boolean {
  return /^[0-9a-f]{64}$/.test(physicalId);
}
