import 'reflect-metadata'; // before @peculiar/x509, which cannot be loaded without it
import { X509CertificateGenerator } from '@peculiar/x509';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  GetEffectivePoliciesCommand,
  GetV2LoggingOptionsCommand,
  ListPoliciesCommand,
  ListCertificatesCommand,
  ListTargetsForPolicyCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DeleteConnectionCommand } from '@aws-sdk/client-iot-data-plane';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { temporaryFleet } from '../../lib/fleet/temporary-fleet.ts';
import {
  attached,
  certificateArn,
  certificateId,
  certificateOf,
  cloudFormation,
  iot,
  iotData,
  notThere,
  siteDeployed,
  ssm,
  stored,
  telemetryDeployed,
  thingHas,
} from '../deployed.ts';

import { doubles, dynamoDB } from '../doubles.ts';

export * from '../deployed.ts';
export { dynamoDB } from '../doubles.ts';
import { type Finished, runFleet } from '../run-fleet.ts';

/* A fleet in which nothing is wrong, for tests that break one thing of it. */

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

type Status = 'ACTIVE' | 'INACTIVE' | 'REVOKED';

/** A key of P-256, and a certificate for it: another one each time, as when a deployment asks AWS IoT twice. */
export class TestKey {
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly privateKeyPem = this.#pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

  async certificate(commonName: string): Promise<string> {
    const pkcs8 = this.#pair.privateKey.export({ type: 'pkcs8', format: 'der' });
    const spki = this.#pair.publicKey.export({ type: 'spki', format: 'der' });
    const keys = {
      privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign']),
      publicKey: await webcrypto.subtle.importKey('spki', spki, ALGORITHM, true, ['verify']),
    };
    const certificate = await X509CertificateGenerator.createSelfSigned({
      name: `CN=${commonName}`,
      keys,
      signingAlgorithm: ALGORITHM,
    });
    return certificate.toString('pem');
  }
}

/** Of the kitchen. */
export const kitchenKey = new TestKey();
export const kitchenPem = await kitchenKey.certificate('kitchen');

let folder: string;
const listed = new Map<string, Status>();

/** One device with its identity of digit a, and one that is revoked, of digit b. */
export function healthyFleet(): void {
  doubles();
  dynamoDB.on(ListTablesCommand).resolves({ TableNames: [] });
  folder = temporaryFleet({
    'home.yaml': 'devices:\n  kitchen: { board: esp8266 }\n  shed: { board: esp32, revoked: true }\n',
  });
  listed.clear();
  iot.on(ListCertificatesCommand).callsFake(() => ({
    certificates: [...listed].map(([digit, status]) => {
      return { certificateId: certificateId(digit), certificateArn: certificateArn(digit), status };
    }),
  }));
  iot
    .on(ListPoliciesCommand)
    .resolves({ policies: [] })
    .on(GetV2LoggingOptionsCommand)
    .resolves({ roleArn: 'arn:aws:iam::111122223333:role/logs', defaultLogLevel: 'ERROR', disableAllLogs: false });
  iot.on(GetEffectivePoliciesCommand).resolves({ effectivePolicies: [] });
  telemetryDeployed();
  siteDeployed('home', ['kitchen', 'shed'], 'ab');
  cloudFormation
    .on(GetTemplateCommand, { StackName: 'fleet-site-home' })
    .resolves({ TemplateBody: JSON.stringify({ Resources: { kitchenPolicy } }) });
  allowed('a', { kitchen: policy(['iot:Publish', 'topic/rtjm/kitchen/*']) });
  thingHas('kitchen', { a: 'ACTIVE' });
  thingHas('shed', { b: 'REVOKED' });
  attached('a', ['kitchen'], ['kitchen']);
  attached('b', ['shed'], ['shed']);
  policyHas('kitchen', ['a']);
  policyHas('shed', ['b']);
  stored('home/kitchen/1', { key: kitchenKey.privateKeyPem, certificate: certificateOf('a') });
  stored('home/shed/1', { certificate: certificateOf('b') });
  certificate('a', 'ACTIVE');
  for (const change of CHANGES) iot.on(change).resolves({});
  iotData.on(DeleteConnectionCommand).resolves({});
  ssm.on(DeleteParameterCommand).resolves({});
}

/** What doctor may change. */
const CHANGES = [
  ...[AttachPolicyCommand, AttachThingPrincipalCommand, CreatePolicyCommand, CreatePolicyVersionCommand],
  ...[CreateThingCommand, DeleteCertificateCommand, DeletePolicyCommand, DeletePolicyVersionCommand],
  ...[DeleteThingCommand, UpdateCertificateCommand],
] as unknown as (typeof CreateThingCommand)[];

/** All calls that change something, in their order. */
export function changes(): string[] {
  return [iot, iotData, ssm, cloudFormation]
    .flatMap((client) => client.calls() as { calledBefore(other: unknown): boolean; args: object[] }[])
    .sort((a, b) => (a.calledBefore(b) ? -1 : 1))
    .map(({ args: [command] }) => command?.constructor.name.replace(/Command$/, '') ?? '')
    .filter((name) => !/^(Get|List|Describe)/.test(name));
}

/** The fleet file names these generations of the kitchen. */
export function kitchenHas(generations: string): void {
  folder = temporaryFleet({
    'home.yaml': `devices:\n  kitchen: { board: esp8266, ${generations} }\n  shed: { board: esp32, revoked: true }\n`,
  });
}

/** These are the fleet files. */
export function fleetHas(files: Readonly<Record<string, string>>): void {
  folder = temporaryFleet(files);
}

/** As the CDK writes it. */
const kitchenPolicy = {
  Type: 'AWS::IoT::Policy',
  Properties: {
    PolicyName: 'kitchen',
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'iot:Publish',
          Effect: 'Allow',
          Action: 'iot:Publish',
          Resource: {
            'Fn::Join': [
              '',
              [
                ...['arn:', { Ref: 'AWS::Partition' }, ':iot:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }],
                ':topic/rtjm/kitchen/*',
              ],
            ],
          },
        },
      ],
    },
  },
};

/** The text of a policy that allows each action on a resource of this account. */
export function policy(...statements: readonly (readonly [action: string, resource: string])[]): string {
  const Statement = statements.map(([Action, resource]) => ({
    Resource: resource === '*' ? '*' : `arn:aws:iot:eu-west-1:111122223333:${resource}`,
    Action,
    Effect: 'Allow',
    Sid: Action,
  }));
  return JSON.stringify({ Statement, Version: '2012-10-17' });
}

/** What decides what a certificate may do: policies by their names. */
export function allowed(digit: string, policies: Readonly<Record<string, string>>): void {
  iot.on(GetEffectivePoliciesCommand, { principal: certificateArn(digit) }).resolves({
    effectivePolicies: Object.entries(policies).map(([policyName, policyDocument]) => ({ policyName, policyDocument })),
  });
}

/** What a policy is attached to. */
export function policyHas(policyName: string, digits: string[]): void {
  iot.on(ListTargetsForPolicyCommand, { policyName }).resolves({ targets: digits.map(certificateArn) });
}

/** A certificate of the account. */
export function certificate(
  digit: string,
  status: Status,
  pem = kitchenPem,
  notAfter = '2049-12-31',
  made = '2026-01-01',
): void {
  listed.set(digit, status);
  iot.on(DescribeCertificateCommand, { certificateId: certificateId(digit) }).resolves({
    certificateDescription: {
      certificateArn: certificateArn(digit),
      certificatePem: pem,
      status,
      creationDate: new Date(made),
      validity: { notAfter: new Date(notAfter) },
    },
  });
}

/** A certificate that there was. */
export function deleted(digit: string): void {
  listed.delete(digit);
  iot.on(DescribeCertificateCommand, { certificateId: certificateId(digit) }).rejects(notThere());
}

export function doctor(...argv: string[]): Promise<Finished> {
  return runFleet(['doctor', ...argv, '--fleet', folder]);
}

/** With a person at the terminal. */
export function doctorAsks(answer: string): Promise<Finished> {
  return runFleet(['doctor', '--fix', '--fleet', folder], { answer });
}

/** The lines about findings. */
export function findingsIn({ stdout }: Finished): string[] {
  return stdout.split('\n').filter((line) => /^[✗-]/.test(line));
}
