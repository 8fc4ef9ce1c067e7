import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  AttachPrincipalPolicyCommand,
  CreateKeysAndCertificateCommand,
  CreatePolicyCommand,
  DescribeCertificateCommand,
  DetachPrincipalPolicyCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsV2Command,
} from '@aws-sdk/client-iot';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { makeCsr } from '../iot/iot-cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';
import { type StackClient, stackClient } from './stack-client.ts';

/* Certificates as other people's apps make them, through the AWS SDK and in templates. */

const log = memoryLog();
let cloud: Cloud;
let iot: IoTClient;
let stacks: StackClient;
beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log });
  iot = new IoTClient(cloudClient(cloud));
  stacks = stackClient(new CloudFormationClient(cloudClient(cloud)));
});
afterAll(() => cloud.close());

const statusOf = async (certificateId: string) =>
  (await iot.send(new DescribeCertificateCommand({ certificateId }))).certificateDescription?.status;
const policiesOf = async (target: string) =>
  ((await iot.send(new ListAttachedPoliciesCommand({ target }))).policies ?? []).map(({ policyName }) => policyName);
const policyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
});

it.each([true, undefined])(
  'CreateKeysAndCertificate with setAsActive %s gives a key that is nowhere else',
  async (setAsActive) => {
    const made = await iot.send(new CreateKeysAndCertificateCommand({ setAsActive }));
    const { PrivateKey = '', PublicKey = '' } = made.keyPair ?? {};
    const key = createPrivateKey(PrivateKey);
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(PrivateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    expect(new X509Certificate(made.certificatePem ?? '').checkPrivateKey(key)).toBe(true);
    expect(createPublicKey(PublicKey).equals(createPublicKey(key))).toBe(true);
    expect(await statusOf(made.certificateId ?? '')).toBe(setAsActive ? 'ACTIVE' : 'INACTIVE');
    expect(log.lines.join()).not.toContain('PRIVATE KEY');
  },
);

it('AttachPrincipalPolicy and DetachPrincipalPolicy do what the newer calls do', async () => {
  const { certificateArn: principal = '' } = await iot.send(new CreateKeysAndCertificateCommand({}));
  await iot.send(new CreatePolicyCommand({ policyName: 'old', policyDocument }));
  await iot.send(new AttachPrincipalPolicyCommand({ policyName: 'old', principal }));
  expect(await policiesOf(principal)).toEqual(['old']);
  await iot.send(new DetachPrincipalPolicyCommand({ policyName: 'old', principal }));
  expect(await policiesOf(principal)).toEqual([]);
});

describe('a template with a certificate and its attachments', () => {
  const template = (csr: string, Status: string, policies = ['One']) => ({
    Resources: {
      Certificate: { Type: 'AWS::IoT::Certificate', Properties: { Status, CertificateSigningRequest: csr } },
      Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'theirs' } },
      One: { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: JSON.parse(policyDocument) as object } },
      Two: { Type: 'AWS::IoT::Policy', Properties: { PolicyDocument: JSON.parse(policyDocument) as object } },
      ...Object.fromEntries(
        policies.map((name) => [
          `Attachment${name}`,
          {
            Type: 'AWS::IoT::PolicyPrincipalAttachment',
            Properties: { PolicyName: { Ref: name }, Principal: { 'Fn::GetAtt': ['Certificate', 'Arn'] } },
          },
        ]),
      ),
      OfThing: {
        Type: 'AWS::IoT::ThingPrincipalAttachment',
        Properties: {
          ThingName: { Ref: 'Thing' },
          Principal: { 'Fn::GetAtt': ['Certificate', 'Arn'] },
          ThingPrincipalType: 'EXCLUSIVE_THING',
        },
      },
    },
    Outputs: { Id: { Value: { Ref: 'Certificate' } }, Arn: { Value: { 'Fn::GetAtt': ['Certificate', 'Arn'] } } },
  });

  it('is made, changed and deleted', async () => {
    const { csr } = await makeCsr();
    const stack = await stacks.deploy('theirs', template(csr, 'ACTIVE'));
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    const [arn = '', id = ''] = ['Arn', 'Id'].map(
      (key) => stack.Outputs?.find((one) => one.OutputKey === key)?.OutputValue,
    );
    expect(await statusOf(id)).toBe('ACTIVE');
    expect(await policiesOf(arn)).toHaveLength(1);
    const { thingPrincipalObjects } = await iot.send(new ListThingPrincipalsV2Command({ thingName: 'theirs' }));
    expect(thingPrincipalObjects).toEqual([{ principal: arn, thingPrincipalType: 'EXCLUSIVE_THING' }]);

    const changed = await stacks.deploy('theirs', template(csr, 'INACTIVE', ['One', 'Two']));
    expect(changed.Outputs).toEqual(stack.Outputs);
    expect([await statusOf(id), await policiesOf(arn)]).toEqual(['INACTIVE', [expect.any(String), expect.any(String)]]);
    expect((await stacks.destroy(await stacks.deploy('theirs', template(csr, 'ACTIVE')))).StackStatus).toBe(
      'DELETE_COMPLETE',
    );
    await expect(statusOf(id)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('without a request is refused by name', async () => {
    const { Resources } = template('', 'ACTIVE');
    const Certificate = { Type: 'AWS::IoT::Certificate', Properties: { Status: 'ACTIVE', CertificatePem: 'x' } };
    const stack = await stacks.deploy('registered', { Resources: { ...Resources, Certificate } });
    expect(stack.StackStatus).toMatch(/ROLLBACK/);
    const reasons = (await stacks.events(stack.StackId)).map(({ ResourceStatusReason = '' }) => ResourceStatusReason);
    expect(reasons.join()).toContain('CertificatePem');
  });
});
