import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { runFleet } from '../run-fleet.ts';

/* Which cloud a verb speaks to, by what its requests are signed with. */

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'x', AWS_SESSION_TOKEN: 'y' };

interface Asked {
  /** Of the first request: whose key, and for which region. */
  readonly signedBy: string | undefined;
  readonly region: string | undefined;
  readonly token: string | undefined;
  readonly stderr: string;
}

/** Runs a verb against a server that refuses everything. */
async function ask(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Asked> {
  let signature: readonly string[] = [];
  let token: string | undefined;
  const server = createServer((request, response) => {
    token = request.headers['x-amz-security-token']?.toString();
    [, ...signature] = /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
    response.writeHead(403, { 'x-amzn-errortype': 'UnauthorizedException' }).end('{"message":"no"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const folder = temporaryFleet({ 'home.yaml': 'devices:\n  kitchen: { board: esp32 }\n' });
  const config = join(folder, 'config');
  writeFileSync(
    config,
    '[profile shop]\nregion = ap-south-1\naws_access_key_id = AKIASHOP\naws_secret_access_key = z\n',
  );
  const { port } = server.address() as AddressInfo;
  const child = execFile(
    process.execPath,
    ['bin/fleet.mjs', 'explain', 'kitchen', 'connect', '--fleet', folder, ...argv],
    {
      env: {
        PATH: process.env.PATH,
        AWS_CONFIG_FILE: config,
        AWS_SHARED_CREDENTIALS_FILE: config,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        NO_PROXY: '127.0.0.1',
        ...env,
      },
    },
  );
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  await once(child, 'close');
  const [signedBy, region] = signature;
  return { signedBy, region, token, stderr };
}

test.each([
  ['AWS_REGION', [], { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
  ['AWS_DEFAULT_REGION where that is not set', [], { AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
  ['… and where it is empty', [], { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
  ['AWS_REGION before it', [], { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-1'],
  ['--region before both', ['--region', 'us-gov-west-1'], { AWS_REGION: 'eu-west-1' }, 'us-gov-west-1'],
])('%s counts', async (_, argv, env, region) => {
  const asked = await ask(argv, { ...KEYS, ...env });
  expect(asked).toMatchObject({ region, signedBy: 'AKIAENVIRONMENT', token: 'y' });
});

test('--profile counts more than keys in the environment, without a word, and brings its region', async () => {
  const asked = await ask(['--profile', 'shop'], KEYS);
  expect(asked).toEqual({
    signedBy: 'AKIASHOP',
    region: 'ap-south-1',
    token: undefined,
    stderr: 'fleet: AWS does not allow it: no\n',
  });
});

test('a profile that there is not', async () => {
  const { stderr, signedBy } = await ask(['--profile', 'shpo', '--region', 'eu-west-1'], KEYS);
  expect(stderr).toBe(
    'fleet: no AWS credentials in the profile "shpo"; which there are, says: aws configure list-profiles\n',
  );
  expect(signedBy).toBeUndefined();
});

test('no region at all', async () => {
  const { stderr } = await ask([], KEYS);
  expect(stderr).toBe(
    'fleet: no AWS region; add --region, or set AWS_REGION, or for the local cloud: source .local/env\n',
  );
});

test('what is no region is refused before anything is asked', async () => {
  expect(await runFleet(['list', '--region', 'frankfurt'])).toEqual({
    code: 1,
    stdout: '',
    stderr:
      "fleet: option '--region <name>' argument 'frankfurt' is invalid. Allowed: such as eu-west-1; see: bin/fleet --help\n",
  });
});
