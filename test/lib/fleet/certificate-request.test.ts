import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { readFleet } from '../../../lib/fleet/read.ts';
import { forged, newRequest } from './certificate-requests.ts';
import { temporaryFleet } from './temporary-fleet.ts';

/** A fleet whose third line names the request of the device; the file is in the same folder. */
function fleetWith(request: string | undefined): { folder: string; path: string } {
  const folder = temporaryFleet(request === undefined ? {} : { 'shed.csr': request });
  const path = join(folder, 'shed.csr');
  const more = temporaryFleet({ 'home.yaml': `devices:\n  shed:\n    csr: ${path}\n    board: esp32\n` });
  return { folder: more, path };
}

function complaint(request: string | undefined): string {
  const { folder, path } = fleetWith(request);
  try {
    readFleet(folder, new FleetNames());
  } catch (error) {
    return (error as Error).message.replace(join(folder, '/'), '').replace(path, 'shed.csr');
  }
  return 'nothing to complain about';
}

describe('taken', () => {
  test.each(['P-256', 'P-384', 'P-521', 'RSA'] as const)('%s', async (kind) => {
    expect(complaint(await newRequest(kind))).toBe('nothing to complain about');
  });

  test('as it is, without the words that OpenSSL may write above it', async () => {
    const request = await newRequest();
    const { folder } = fleetWith(`Certificate Request:\r\n  Data:\r\n${request.replaceAll('\n', '\r\n')}\r\n`);
    const [device] = readFleet(folder, new FleetNames())[0]?.devices ?? [];
    const pem = device?.generations[0]?.csr?.pem;
    expect(pem).toMatch(/^-----BEGIN CERTIFICATE REQUEST-----\n[^]*\n-----END CERTIFICATE REQUEST-----\n$/);
    expect(new Pkcs10CertificateRequest(pem ?? '').equal(new Pkcs10CertificateRequest(request))).toBe(true);
  });
});

describe('refused, with the line that names it', () => {
  test('a file that is not there', () => {
    expect(complaint(undefined)).toBe(
      'home.yaml:3: csr "shed.csr" cannot be read; allowed: the path of a file, from the folder that has cdk.json',
    );
  });

  test.each([
    ['an empty file', () => ''],
    ['something else', () => 'hello'],
    ['PEM around something else', () => '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'],
    ['half a request', (request: string) => request.slice(0, 200)],
    ['two requests', (request: string) => `${request}\n${request}`],
    ['a certificate', (request: string) => request.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')],
  ])('%s', async (_, make) => {
    expect(complaint(make(await newRequest()))).toBe(
      'home.yaml:3: csr "shed.csr" is no certificate signing request; ' +
        'allowed: one, in PEM (-----BEGIN CERTIFICATE REQUEST-----)',
    );
  });

  test('a private key beside it', async () => {
    const key = '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----';
    expect(complaint(`${key}\n${await newRequest()}`)).toBe(
      'home.yaml:3: csr "shed.csr" holds a private key, which stays with the device; ' +
        'allowed: its certificate signing request alone',
    );
  });

  test('a signature of another key', async () => {
    for (const kind of ['P-256', 'RSA'] as const) {
      expect(complaint(forged(await newRequest(kind)))).toBe(
        'home.yaml:3: csr "shed.csr" is not signed by the key it is for; make it anew',
      );
    }
  });

  test('a curve spelt out, though it is one that is allowed', () => {
    // openssl ecparam -genkey -name secp384r1 -param_enc explicit | openssl req -new -key /dev/stdin -subj /CN=shed
    expect(complaint(readFileSync('test/lib/fleet/explicit-curve.csr', 'utf8'))).toBe(
      'home.yaml:3: csr "shed.csr" spells out the parameters of its curve; ' +
        'allowed: a curve by name, as OpenSSL writes it by itself',
    );
  });

  test.each([
    [
      'two devices',
      'shed: { board: esp32, csr: FILE }\n  attic: { board: esp32, csr: FILE }',
      '3: csr "shed.csr" of "attic" is for the key of "shed", generation 1',
    ],
    [
      'two generations',
      'shed:\n    board: esp32\n    generations: [1, 2]\n    csr: { 1: FILE, 2: FILE }',
      '2: csr "shed.csr" of "shed" is for the key of "shed", generation 1',
    ],
  ])('one key of %s', async (_, entries, problem) => {
    const path = join(temporaryFleet({ 'shed.csr': await newRequest() }), 'shed.csr');
    const folder = temporaryFleet({ 'home.yaml': `devices:\n  ${entries.replaceAll('FILE', path)}\n` });
    const why = '; allowed: a key of its own for each, since to revoke one would not stop the other';
    expect(() => readFleet(folder, new FleetNames())).toThrow(
      `${join(folder, 'home.yaml')}:${problem.replace('shed.csr', path)}${why}`,
    );
  });

  test('a weak key', async () => {
    expect(complaint(await newRequest('RSA', 1024))).toBe(
      'home.yaml:3: csr "shed.csr" has a key that AWS IoT refuses; allowed: P-256, P-384, P-521, and RSA from 2048 bits',
    );
  });

  test('a weak hash', async () => {
    for (const kind of ['P-256', 'RSA'] as const) {
      expect(complaint(await newRequest(kind, 2048, 'SHA-1'))).toBe(
        'home.yaml:3: csr "shed.csr" has a signature that is not known; ' +
          'allowed: ECDSA or RSA (PKCS #1) with SHA-256, SHA-384 or SHA-512',
      );
    }
  });
});
