import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parameterName, type Part } from '../../aws/identities.ts';
import type { Pems } from './board.ts';
import type { Deployment } from './deployment.ts';

/** What the deployment stored for a device, as a board has it. */
export async function emittedIdentity(
  {
    client,
    cloud,
    which,
  }: Pick<Deployment, 'client' | 'which'> & { readonly cloud: Pick<Deployment['cloud'], 'rootCaPem'> },
  site: string,
  device: string,
  generation = 1,
): Promise<{ readonly certificateId: string; readonly pems: Pems }> {
  const ssm = new SSMClient(client);
  const stored = async (part: Part) => {
    const Name = parameterName(which.names.identityPath(site, device, generation), part);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    return Parameter?.Value ?? '';
  };
  const record = JSON.parse(await stored('certificate')) as { certificateId: string; certificatePem: string };
  const pems = { cert: record.certificatePem, key: await stored('key'), ca: cloud.rootCaPem };
  return { certificateId: record.certificateId, pems };
}
