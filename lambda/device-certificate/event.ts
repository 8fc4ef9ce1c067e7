import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Holder } from '../../aws/certificates.ts';
import type { KeyType } from '../../lib/fleet/schema.ts';

/** What the custom resource asks for: one generation of a device. */
export interface CertificateProperties extends Holder {
  readonly device: string;
  /** In the SSM Parameter Store, see aws/identities.ts. */
  readonly parameterPath: string;
  readonly revoked: boolean;
  readonly keyType: KeyType;
  /** PKCS #10 in PEM, from a device that keeps its own key. The synthesis has checked it. */
  readonly csr?: string;
  /** A certificate that the board has already. */
  readonly certificateId?: string;
  /** The policies that such a certificate keeps beside the device's own. */
  readonly policies: readonly string[];
  /** Whether its board makes its key, and gets its certificates by enrolment: then `parameterPath` is that of the device. */
  readonly enrols: boolean;
}

/** @throws {Error} naming the property that is missing or wrong */
export function propertiesOf({ ResourceProperties }: CloudFormationCustomResourceEvent): CertificateProperties {
  const properties: Readonly<Record<string, unknown>> = ResourceProperties;
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
  const { policies = [] } = properties;
  if (!Array.isArray(policies) || !policies.every((name) => typeof name === 'string')) {
    throw new Error('the property policies must be a list of names');
  }
  const device = text('device');
  return {
    device,
    thingName: text('thingName', device),
    policyName: text('policyName', device),
    parameterPath: text('parameterPath'),
    // CloudFormation turns every value of a custom resource into text.
    revoked: oneOf('revoked', ['false', 'true'], 'false') === 'true',
    keyType: oneOf('keyType', ['ec', 'rsa'], 'ec'),
    ...(properties.csr !== undefined && { csr: text('csr') }),
    ...(properties.certificateId !== undefined && { certificateId: text('certificateId') }),
    policies,
    enrols: properties.key !== undefined && text('key') === 'board',
  };
}

/** Whether a physical id is one that a certificate gave: the id of a certificate is 64 hexadecimal digits. */
export function isCertificateId(physicalId: string): boolean {
  return /^[0-9a-f]{64}$/.test(physicalId);
}
