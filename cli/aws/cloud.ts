import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientConfig } from '../../aws/clients.ts';
import { endpoint } from '../fleet/cloud-choice.ts';
import { colours, print, type Terminal } from '../terminal/terminal.ts';

/** Which cloud all verbs speak to, for people: account and region, or that it is the local cloud. */
export async function cloudName(): Promise<string> {
  const local = endpoint();
  if (local !== undefined) return `local cloud at ${local.replace(/^https?:\/\//, '')}`;
  const sts = new STSClient({ ...clientConfig, maxAttempts: 2 });
  const region = await sts.config.region();
  // It needs no permission (API Reference, GetCallerIdentity), but its endpoint may be out of reach where others are not.
  const account = await sts.send(new GetCallerIdentityCommand({})).then(
    ({ Account }) => `account ${Account}`,
    () => 'account unknown',
  );
  return `AWS ${account}, ${region}`;
}

/** Says which cloud it is, above what is said of it. */
export async function printCloud({ stdout }: Terminal, name: string): Promise<void> {
  await print(stdout, colours(stdout).dim(name));
}
