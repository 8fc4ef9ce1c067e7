import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { X509CertificateGenerator } from '@peculiar/x509';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListAttachedPoliciesCommand,
  ListCertificatesCommand,
  ListPrincipalThingsCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { DeleteConnectionCommand, IoTDataPlaneClient } from '@aws-sdk/client-iot-data-plane';
import { DeleteParameterCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { temporaryFleet } from '../lib/fleet/temporary-fleet.ts';
import {
  certificateArn,
  certificateId,
  cloudFormation,
  identityOf,
  iot,
  nothingDeployed,
  siteDeployed,
  ssm,
  thingHas,
} from './deployed.ts';
import { runFleet } from './run-fleet.ts';

const iotData = mockClient(IoTDataPlaneClient);
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** A key, and two certificates for it: what a deployment gets when it asks twice. */
let key: string;
let pem: string;
let twin: string;
beforeAll(async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  key = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
  };
  const issue = async (name: string) =>
    (
      await X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, signingAlgorithm: ALGORITHM })
    ).toString('pem');
  [pem, twin] = [await issue('kitchen'), await issue('kitchen')];
});

let folder: string;
let parameters: Map<string, object>;
let listed: { certificateId: string; status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' }[];
beforeEach(() => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
  nothingDeployed();
  iotData.reset();
  folder = temporaryFleet({
    'home.yaml': 'devices:\n  kitchen: { board: esp8266 }\n  shed: { board: esp32, revoked: true }\n',
  });
  parameters = new Map();
  listed = [];
  ssm.on(GetParametersByPathCommand).callsFake(() => ({
    Parameters: [...parameters].map(([Name, value]) => ({ Name, Value: JSON.stringify(value) })),
  }));
  iot.on(ListCertificatesCommand).callsFake(() => ({ certificates: listed }));
  healthy();
});

/** One device with its identity of digit a, and one that is revoked, of digit b. */
function healthy(): void {
  siteDeployed('home', ['kitchen', 'shed']);
  thingHas('kitchen', { a: 'ACTIVE' });
  thingHas('shed', { b: 'REVOKED' });
  for (const [device, digit] of [
    ['kitchen', 'a'],
    ['shed', 'b'],
  ] as const) {
    stored(device, 'identity', identityOf(device, digit, { privateKeyPem: device === 'kitchen' ? key : 'KEY' }));
    attached(digit, [device], [device]);
  }
  certificate('a', 'ACTIVE');
}

function stored(device: string, slot: string, identity: object): void {
  parameters.set(`/esp-fleet/home/${device}/${slot}`, identity);
}

function attached(digit: string, things: string[], policies: string[]): void {
  iot.on(ListPrincipalThingsCommand, { principal: certificateArn(digit) }).resolves({ things });
  iot
    .on(ListAttachedPoliciesCommand, { target: certificateArn(digit) })
    .resolves({ policies: policies.map((policyName) => ({ policyName })) });
}

function certificate(
  digit: string,
  status: 'ACTIVE' | 'INACTIVE' | 'REVOKED',
  text = pem,
  notAfter = '2049-12-31',
): void {
  listed.push({ certificateId: certificateId(digit), status });
  iot.on(DescribeCertificateCommand, { certificateId: certificateId(digit) }).resolves({
    certificateDescription: {
      certificateArn: certificateArn(digit),
      certificatePem: text,
      status,
      validity: { notAfter: new Date(notAfter) },
    },
  });
}

const doctor = (...argv: string[]) => runFleet(['doctor', ...argv, '--fleet', folder]);

test('nothing wrong', async () => {
  expect(await doctor()).toEqual({
    code: 0,
    stdout: '2 devices, nothing wrong; 0 other certificates in this account\n',
    stderr: '',
  });
});

describe('what the next deployment settles, or what is under way, is a note and no problem', () => {
  test.each<[string, () => void, string]>([
    ['not deployed', () => siteDeployed('home', ['shed']), '- kitchen is in home.yaml, but not deployed;'],
    [
      'an unfinished rotation',
      () => {
        stored('kitchen', 'identity', identityOf('kitchen', 'c', { spec: '2 ec', serial: 2, privateKeyPem: key }));
        stored('kitchen', 'previous', identityOf('kitchen', 'a', { privateKeyPem: key }));
        thingHas('kitchen', { a: 'ACTIVE', c: 'ACTIVE' });
        attached('c', ['kitchen'], ['kitchen']);
      },
      '- kitchen still has its identity of generation 1 beside the current one; once its board uses the current one, ' +
        'run: npx fleet rotate kitchen --finish',
    ],
    [
      'an identity that is being made',
      () => stored('kitchen', 'next', { thingName: 'kitchen', spec: '2 ec', serial: 2, privateKeyPem: key }),
      '- an identity of kitchen is being made;',
    ],
    [
      'a certificate made out to a device, whose key is nowhere',
      () => {
        const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
        const text = other.export({ type: 'pkcs8', format: 'pem' }).toString();
        stored('kitchen', 'identity', identityOf('kitchen', 'a', { privateKeyPem: text }));
        thingHas('kitchen', { a: 'ACTIVE' }); // whose certificate is of another key than its namesake's
        certificate('d', 'INACTIVE', twin);
        attached('d', [], []);
      },
      '- certificate dddddddd is made out to kitchen, but is INACTIVE and attached to nothing;',
    ],
  ])('%s', async (_, differ, line) => {
    differ();
    const { code, stdout } = await doctor();
    expect(stdout.split('\n').filter((text) => /^[✗-]/.test(text))).toEqual([expect.stringContaining(line)]);
    expect(code).toBe(0);
  });
});

describe('a problem', () => {
  test.each<[string, () => void, string]>([
    [
      'file and cloud disagree on revoked',
      () => thingHas('shed', { b: 'ACTIVE' }),
      '✗ shed: certificate bbbbbbbb is ACTIVE, but home.yaml says revoked; run: npx fleet revoke shed',
    ],
    [
      'INACTIVE',
      () => certificate('a', 'INACTIVE'),
      '✗ kitchen: certificate aaaaaaaa is INACTIVE, so the broker refuses it',
    ],
    [
      'a device without a secret',
      () => parameters.delete('/esp-fleet/home/kitchen/identity'),
      '✗ kitchen has no identity in the Parameter Store; for a new one: npx fleet rotate kitchen',
    ],
    [
      'a secret without its key',
      () => stored('kitchen', 'identity', identityOf('kitchen', 'a', { privateKeyPem: undefined })),
      '✗ the identity of kitchen has lost its private key; for a new one: npx fleet rotate kitchen',
    ],
    [
      'a secret without a certificate',
      () => {
        stored('kitchen', 'identity', identityOf('kitchen', 'c', { privateKeyPem: key }));
        thingHas('kitchen', {});
      },
      '✗ the identity of kitchen is without its certificate cccccccc; for a new one: npx fleet rotate kitchen',
    ],
    [
      'a certificate that expires soon',
      () => certificate('a', 'ACTIVE', pem, new Date(Date.now() + 29 * 86_400_000).toISOString()),
      '✗ certificate aaaaaaaa of kitchen expires on ',
    ],
    [
      'another certificate attached to the thing',
      () => {
        thingHas('kitchen', { a: 'ACTIVE', e: 'ACTIVE' });
        attached('e', ['kitchen'], ['kitchen']);
      },
      '✗ certificate eeeeeeee is ACTIVE and attached to kitchen, but in none of its identities;',
    ],
    [
      'its certificate attached to another thing',
      () => attached('a', ['attic'], ['kitchen']),
      '✗ certificate aaaaaaaa of kitchen is attached to the thing "attic"; detach or revoke it there',
    ],
  ])('%s', async (_, differ, line) => {
    differ();
    const { code, stdout } = await doctor();
    expect(stdout.split('\n').filter((text) => /^[✗-]/.test(text))).toEqual([expect.stringContaining(line)]);
    expect(stdout).toContain('2 devices, 1 problem; ');
    expect(stdout).not.toContain('PRIVATE');
    expect(code).toBe(1);
  });

  test('a device that keeps its own key lacks nothing', async () => {
    stored('kitchen', 'identity', identityOf('kitchen', 'a', { spec: '1 csr:00', privateKeyPem: undefined }));
    expect((await doctor()).code).toBe(0);
  });
});

describe('--fix', () => {
  beforeEach(() => {
    iot.on(AttachPolicyCommand).resolves({});
    iot.on(AttachThingPrincipalCommand).resolves({});
    iot.on(DeleteCertificateCommand).resolves({});
    iot.on(UpdateCertificateCommand).resolves({});
    ssm.on(DeleteParameterCommand).resolves({});
    iotData.on(DeleteConnectionCommand).resolves({});
  });

  test('deletes the certificate of a lost answer, and no other', async () => {
    certificate('d', 'INACTIVE', twin); // the same key, attached to nothing
    certificate('e', 'INACTIVE', twin); // the same key, but somebody uses it
    certificate('f', 'ACTIVE', twin);
    attached('d', [], []);
    attached('e', ['lamp'], []);
    attached('f', [], []);
    const named = await doctor();
    expect(named.stdout).toBe(
      '✗ certificate dddddddd has a key of kitchen, but is INACTIVE and attached to nothing: a deployment lost it; ' +
        'to settle it: npx fleet doctor --fix\n2 devices, 1 problem; 2 other certificates in this account\n',
    );
    expect(named.code).toBe(1);
    expect(iot.commandCalls(DeleteCertificateCommand)).toEqual([]);

    const { code, stdout } = await doctor('--fix', '--yes');
    expect(stdout).toContain('✓ done: delete certificate dddddddd\n');
    expect(code).toBe(0);
    expect(iot.commandCalls(DeleteCertificateCommand).map(({ args }) => args[0].input)).toEqual([
      { certificateId: certificateId('d') },
    ]);
  });

  test('attaches the certificate of a device to its thing and policy', async () => {
    attached('a', [], []);
    const { code, stdout } = await doctor('--fix', '--yes');
    expect(stdout).toContain(
      '✗ certificate aaaaaaaa of kitchen is ACTIVE, but not attached to its thing and its policy;',
    );
    expect(code).toBe(0);
    expect(iot.commandCalls(AttachThingPrincipalCommand)[0]?.args[0].input).toEqual({
      thingName: 'kitchen',
      principal: certificateArn('a'),
      thingPrincipalType: 'EXCLUSIVE_THING',
    });
    expect(iot.commandCalls(AttachPolicyCommand)[0]?.args[0].input).toEqual({
      policyName: 'kitchen',
      target: certificateArn('a'),
    });
  });

  test('removes what an interrupted deletion left of a device, the current identity last', async () => {
    certificate('c', 'ACTIVE');
    attached('c', [], []);
    stored('attic', 'identity', identityOf('attic', 'c', { privateKeyPem: key }));
    stored('attic', 'previous', identityOf('attic', 'd', { privateKeyPem: key }));
    const { code, stdout } = await doctor('--fix', '--yes');
    expect(stdout).toContain(
      '✗ attic is neither in home.yaml nor deployed, but its identity is still in the Parameter Store ' +
        '(certificate cccccccc is ACTIVE)',
    );
    expect(code).toBe(0);
    expect(iot.commandCalls(DeleteCertificateCommand).map(({ args }) => args[0].input)).toEqual([
      { certificateId: certificateId('c') },
    ]);
    expect(ssm.commandCalls(DeleteParameterCommand).map(({ args }) => args[0].input.Name)).toEqual([
      '/esp-fleet/home/attic/previous',
      '/esp-fleet/home/attic/identity',
    ]);
  });

  test('deletes what is left of an identity before whose certificate is gone', async () => {
    stored('kitchen', 'previous', identityOf('kitchen', 'c', { privateKeyPem: key }));
    const { code } = await doctor('--fix', '--yes');
    expect(code).toBe(0);
    expect(ssm.commandCalls(DeleteParameterCommand)[0]?.args[0].input.Name).toBe('/esp-fleet/home/kitchen/previous');
  });

  test('exits 1 when something is left', async () => {
    attached('a', [], ['kitchen']);
    thingHas('shed', { b: 'ACTIVE' });
    const { code, stdout } = await doctor('--fix', '--yes', '--json');
    const { findings } = JSON.parse(stdout) as { findings: object[] };
    expect(findings).toMatchObject([
      { device: 'kitchen', kind: 'problem', fixable: true, fixed: true },
      { device: 'shed', kind: 'problem', fixable: false, fixed: false },
    ]);
    expect(code).toBe(1);
  });

  test.each([
    ['y\n', 0],
    ['\n', 1],
  ])('a person is asked, and answers %j', async (answer, expected) => {
    attached('a', [], ['kitchen']);
    const { code, stderr } = await runFleet(['doctor', '--fix', '--fleet', folder], { answer });
    expect(stderr).toContain('attach certificate aaaaaaaa of kitchen to its thing');
    expect(code).toBe(expected);
    expect(iot.commandCalls(AttachThingPrincipalCommand)).toHaveLength(expected === 0 ? 1 : 0);
  });

  test('is refused while a deployment is under way, which has unfinished things of its own', async () => {
    attached('a', [], ['kitchen']);
    cloudFormation.on(DescribeStacksCommand, { StackName: 'fleet-site-home' }).resolves({
      Stacks: [{ StackName: 'fleet-site-home', CreationTime: new Date(0), StackStatus: 'UPDATE_IN_PROGRESS' }],
    });
    const { code, stderr } = await doctor('--fix', '--yes');
    expect(stderr).toBe('fleet: the site home is being deployed; wait until that is done, and try again\n');
    expect(code).toBe(1);
    expect(iot.commandCalls(AttachThingPrincipalCommand)).toEqual([]);
  });
});
