import { GetPolicyCommand, paginateListAttachedPolicies, ResourceNotFoundException } from '@aws-sdk/client-iot';
import { iot } from './iot-client.ts';

/** A policy as it is deployed: the version in force. */
export interface DeployedPolicy {
  readonly name: string;
  /** JSON text. */
  readonly document: string;
}

/** The policies attached to a certificate. */
export async function policiesOf(certificateArn: string): Promise<DeployedPolicy[]> {
  const deployed: DeployedPolicy[] = [];
  for (const name of await policyNamesOf(certificateArn)) {
    const { policyDocument = '' } = await iot.send(new GetPolicyCommand({ policyName: name }));
    deployed.push({ name, document: policyDocument });
  }
  return deployed;
}

/** The names of the policies attached to a certificate; none when there is no such certificate. */
export async function policyNamesOf(certificateArn: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { policies = [] } of paginateListAttachedPolicies({ client: iot }, { target: certificateArn })) {
      for (const { policyName = '' } of policies) names.push(policyName);
    }
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
  return names;
}
