import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the cloud of a folder says how to reach it, for other terminals. */
const LOCAL = '.local';

const ENVIRONMENT = join(LOCAL, 'env');
const ROOT_CA = join(LOCAL, 'root-ca.pem');

const PATIENCE_MS = 10_000;

/** What other terminals are told of a cloud. */
interface Reachable {
  readonly environment: Readonly<Record<string, string>>;
  readonly rootCaPem: string;
}

/** Writes `env` (lines to source; holds the operator's key, hence mode 0600) and `root-ca.pem`. */
export async function writeEnvironment({ environment, rootCaPem }: Reachable): Promise<void> {
  await mkdir(LOCAL, { recursive: true });
  // A session token or profile of the user's real account would go along with these keys, so both are taken away.
  const lines = [
    'unset AWS_SESSION_TOKEN AWS_PROFILE',
    ...Object.entries(environment).map(([name, value]) => `export ${name}='${value}'`),
  ];
  await writeFile(ENVIRONMENT, `${lines.join('\n')}\n`, { mode: 0o600 });
  await writeFile(ROOT_CA, rootCaPem);
}

/** Whoever works with that cloud would lose it, were its files overwritten. @throws while one of this folder still runs */
export async function refuseBesideAnother(): Promise<void> {
  const [endpoint, root] = await Promise.all([
    textOf(ENVIRONMENT).then((text) => /^export AWS_ENDPOINT_URL='(.*)'$/m.exec(text)?.[1]),
    textOf(ROOT_CA),
  ]);
  // Each cloud is an authority of its own: what else listens there by now is not this one.
  if (endpoint === undefined || root === '' || (await servedRoot(endpoint)) !== root) return;
  throw new Error(
    `a local cloud of this folder runs already, at ${endpoint}; use that one (source ${ENVIRONMENT}), or end it by Ctrl-C in its terminal`,
  );
}

async function servedRoot(endpoint: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${endpoint}/root-ca.pem`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return await answer.text();
  } catch {
    return undefined;
  }
}

/** Empty where no cloud has been started in this folder. */
const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
