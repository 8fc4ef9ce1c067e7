import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timeLimits } from '../aws/clients.ts';
import { CliError } from '../cli/terminal/cli-error.ts';
import { unlessItThrows } from '../lib/fleet/unless-it-throws.ts';

/** Where a local cloud says how to reach it, for other terminals. `npm run local` has the same. */
export const LOCAL = '.local';

/** Whoever works with that cloud would lose it, were its file overwritten. @throws {CliError} while one of this folder still runs */
export async function refuseBesideAnother(): Promise<void> {
  const file = join(LOCAL, 'env');
  const endpoint = await answeringEndpoint(environmentIn(file));
  if (endpoint === undefined) return;
  throw new CliError(
    `a local cloud of this folder runs already, at ${endpoint}; use that one (source ${file}), or end it by Ctrl-C in its terminal`,
  );
}

/** Undefined where nothing answers, or what answers is none that takes these keys: those of each local cloud are its own. */
async function answeringEndpoint(environment: ReadonlyMap<string, string>): Promise<string | undefined> {
  const of = (name: string) => environment.get(name) ?? '';
  const endpoint = of('AWS_ENDPOINT_URL');
  if (endpoint === '') return undefined;
  const credentials = { accessKeyId: of('AWS_ACCESS_KEY_ID'), secretAccessKey: of('AWS_SECRET_ACCESS_KEY') };
  const sts = new STSClient({ ...timeLimits, endpoint, region: of('AWS_REGION'), credentials, maxAttempts: 1 });
  return sts.send(new GetCallerIdentityCommand({})).then(
    () => endpoint,
    () => undefined,
  );
}

/** As the local cloud writes it, a line a variable. */
function environmentIn(file: string): ReadonlyMap<string, string> {
  const text = unlessItThrows(() => readFileSync(file, 'utf8')) ?? ''; // where no cloud has been started in this folder
  return new Map([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]));
}
