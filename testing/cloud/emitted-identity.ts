import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parameterName, type Part } from '../../aws/identities.ts';
import type { Pems } from './board.ts';
import type { Deployment } from './deployment.ts';

type Reached = Pick<Deployment, 'client'> & { readonly cloud: Pick<Deployment['cloud'], 'rootCaPem'> };
type Deployed = Reached & Pick<Deployment, 'which'>;

interface EmittedIdentity {
  readonly certificateId: string;
  readonly pems: Pems;
}

/** What the deployment stored for a device, as a board has it. */
export const emittedIdentity = (
  deployed: Deployed,
  site: string,
  device: string,
  generation = 1,
): Promise<EmittedIdentity> => identityAt(deployed, deployed.which.names.identityPath(site, device, generation));

/** What it stored at a path of the Parameter Store. */
export async function identityAt({ client, cloud }: Reached, path: string): Promise<EmittedIdentity> {
  const ssm = new SSMClient(client);
  const stored = async (part: Part) => {
    const Name = parameterName(path, part);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    return Parameter?.Value ?? '';
  };
  const record = JSON.parse(await stored('certificate')) as { certificateId: string; certificatePem: string };
  const pems = { cert: record.certificatePem, key: await stored('key'), ca: cloud.rootCaPem };
  return { certificateId: record.certificateId, pems };
}
