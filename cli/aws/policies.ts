import { GetPolicyCommand, paginateListAttachedPolicies } from '@aws-sdk/client-iot';
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
  for await (const { policies = [] } of paginateListAttachedPolicies({ client: iot }, { target: certificateArn })) {
    for (const { policyName } of policies) {
      const { policyDocument = '' } = await iot.send(new GetPolicyCommand({ policyName }));
      deployed.push({ name: policyName ?? '', document: policyDocument });
    }
  }
  return deployed;
}
