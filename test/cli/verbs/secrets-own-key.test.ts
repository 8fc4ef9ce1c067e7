import { DescribeEndpointCommand, ListAttachedPoliciesCommand, ListPrincipalThingsCommand } from '@aws-sdk/client-iot';
import { createPrivateKey } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeLocalKey } from '../../../cli/secrets/local-key.ts';
import { newRequest } from '../../lib/fleet/certificate-requests.ts';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import { certificateOf, iot, nothingDeployed, stored, thingHas } from '../deployed.ts';
import { TestKey } from '../doctor/fleet.ts';
import { type Finished, runFleet } from '../run-fleet.ts';

/* The secrets of a device that made its own key: the fleet file has its certificate signing request, no cloud its key. */

const request = await newRequest();
const ownKey = new TestKey();
const keyPem = ownKey.privateKeyPem;
const certificatePem = `${await ownKey.certificate('vault')}\n`;

let folder: string;
let file: string;
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  nothingDeployed();
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  file = join(folder, 'secrets.h');
  thingHas('vault', { a: 'ACTIVE' });
  stored('home/vault/1', { certificate: certificateOf('a', certificatePem) });
  iot.on(ListPrincipalThingsCommand).resolves({ things: ['vault'] });
  iot.on(ListAttachedPoliciesCommand).resolves({ policies: [{ policyName: 'vault' }] });
  iot.on(DescribeEndpointCommand).resolves({ endpointAddress: 'x-ats.example.com' });
});
afterEach(() => rmSync(folder, { recursive: true }));

function secrets(...argv: string[]): Promise<Finished> {
  writeFileSync(join(folder, 'vault.csr'), request);
  const fleet = temporaryFleet({
    'home.yaml': `devices:\n  vault: { board: esp32, csr: ${join(folder, 'vault.csr')} }\n`,
  });
  return runFleet(['secrets', 'vault', ...argv, '--fleet', fleet]);
}

test('are refused unless somebody says where the key is', async () => {
  const { code, stdout, stderr } = await secrets('--out', file);
  expect(stderr).toBe(
    'fleet: vault made its own private key, which no cloud has; where it lies in a file, add --key FILE; ' +
      'where a secure element keeps it, add --no-key\n',
  );
  expect({ code, stdout, written: existsSync(file) }).toEqual({ code: 1, stdout: '', written: false });
});

test('--key puts the key of this machine into them', async () => {
  const [key, pems] = [join(folder, 'vault.key'), join(folder, 'pems')];
  writeFileSync(key, keyPem);
  expect(await secrets('--key', key, '--out', file, '--pem', pems)).toMatchObject({ code: 0, stderr: '' });
  const header = readFileSync(file, 'utf8');
  for (const line of [...certificatePem.trim().split('\n'), ...keyPem.trim().split('\n')]) {
    expect(header).toContain(`"${line}\\n"`);
  }
  expect(readFileSync(join(pems, 'private-key.pem'), 'utf8')).toBe(keyPem);
});

test.each([
  ['of something else', async () => (await makeLocalKey('ec', 'vault')).privateKeyPem],
  ['that is none', () => Promise.resolve('hunter2')],
])('--key refuses a key %s, and does not quote it', async (_, other) => {
  const key = join(folder, 'other.key');
  writeFileSync(key, await other());
  const { code, stderr } = await secrets('--key', key, '--out', file);
  expect(stderr).toBe(`fleet: --key: ${key} does not hold the private key of vault's certificate, in PEM\n`);
  expect({ code, written: existsSync(file) }).toEqual({ code: 1, written: false });
});

const ATTRIBUTES = 'Bag Attributes\n    friendlyName: my "key"\nKey Attributes: <No Attributes>\n';
const encrypted = (type: 'pkcs8' | 'sec1') =>
  createPrivateKey(keyPem).export({ type, format: 'pem', cipher: 'aes-128-cbc', passphrase: 'hunter2' }).toString();

test.each<[string, () => string]>([
  ['with bag attributes in front', () => ATTRIBUTES + keyPem],
  ['beside its certificate', () => certificatePem + keyPem],
  ['in the form of SEC 1', () => createPrivateKey(keyPem).export({ type: 'sec1', format: 'pem' }).toString()],
])('--key writes the key alone: %s', async (_, text) => {
  const key = join(folder, 'vault.key');
  writeFileSync(key, text());
  expect(await secrets('--key', key, '--out', file)).toMatchObject({ code: 0, stderr: '' });
  const [, literals = ''] = /AWS_CERT_PRIVATE\[\] =\n([^;]*);/.exec(readFileSync(file, 'utf8')) ?? [];
  expect((JSON.parse(`[${literals.trim().replaceAll('\n', ',')}]`) as string[]).join('')).toBe(keyPem);
});

test.each<[string, (key: string) => void, RegExp]>([
  [
    'that is encrypted',
    (key) => writeFileSync(key, encrypted('pkcs8')),
    /is encrypted; decrypt it first: openssl pkey/,
  ],
  ['that is encrypted as before PKCS #8', (key) => writeFileSync(key, encrypted('sec1')), /is encrypted; decrypt/],
  ['that is one of two', (key) => writeFileSync(key, keyPem + keyPem), /holds 2 private keys; name a file with that/],
  ['that is a folder', (key) => mkdirSync(key), /is a folder, and no regular file/],
  ['that is a FIFO', (key) => execFileSync('mkfifo', [key]), /is a FIFO, and no regular file/],
])('--key refuses a file %s', async (_, make, message) => {
  const key = join(folder, 'vault.key');
  make(key);
  const { code, stderr } = await secrets('--key', key, '--out', file);
  expect(stderr).toMatch(message);
  expect(stderr.trim()).not.toContain('\n');
  expect({ code, written: existsSync(file) }).toEqual({ code: 1, written: false });
});

test('--key names a file that is not there', async () => {
  const { code, stderr } = await secrets('--key', join(folder, 'none.key'), '--out', file);
  expect(stderr).toBe(`fleet: --key: there is no file ${join(folder, 'none.key')}\n`);
  expect(code).toBe(1);
});

test('the header of another device in the way: one hint after the other leads there', async () => {
  const key = join(folder, 'vault.key');
  writeFileSync(key, keyPem);
  writeFileSync(file, '// The identity of kitchen, written by "fleet secrets".\n');
  expect((await secrets('--out', file)).stderr).toContain('add --key FILE');
  expect((await secrets('--out', file, '--key', key)).stderr).toBe(
    `fleet: ${file} holds the identity of kitchen; to replace it, add --force, or write elsewhere: ` +
      `bin/fleet secrets vault --out secrets/vault/secrets.h --key ${key}\n`,
  );
  expect((await secrets('--out', file, '--no-key')).stderr).toMatch(/secrets\.h --no-key\n$/);
});

test('--no-key leaves it out, for a board whose secure element keeps it', async () => {
  const pems = join(folder, 'pems');
  const { code, stdout, stderr } = await secrets('--no-key', '--out', file, '--pem', pems);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`Wrote ${file}, without a private key; fill in WIFI_SSID`);
  expect(stdout).toContain('root-ca.pem, without a private key\n');
  const header = readFileSync(file, 'utf8');
  expect(header).toContain('AWS_CERT_CRT');
  expect(header).not.toMatch(/PRIVATE/i);
  expect(readdirSync(pems).sort()).toEqual(['certificate.pem', 'root-ca.pem']);
});
