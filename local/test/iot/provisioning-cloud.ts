import type { DescribeCertificateResponse } from '@aws-sdk/client-iot';
import type { MqttClient } from 'mqtt';
import { expect } from 'vitest';
import type { Readings } from '../../src/readings.ts';
import type { State } from '../../src/state/state.ts';
import { ACCOUNT, type Identity, IotCloud, arn, makeCsr } from './iot-cloud.ts';
import { FROM_CSR, ask, claimPolicy, provision } from './provisioning-requests.ts';
import { trust } from './rule-cloud.ts';

export const ROLE = `arn:aws:iam::${ACCOUNT.id}:role/provisioning`;
/** What the role has, by default: the calls that a template with thing, certificate and named policy makes. */
export const PERMITTED = [
  'iot:RegisterThing',
  'iot:DescribeCertificate',
  'iot:DescribeThing',
  'iot:CreateThing',
  'iot:UpdateThing',
  'iot:AttachPolicy',
  'iot:AttachThingPrincipal',
  'iot:UpdateCertificate',
];
export const certificate = {
  Type: 'AWS::IoT::Certificate',
  Properties: {
    CertificateId: { Ref: 'AWS::IoT::Certificate::Id' },
    Status: 'Active',
    ThingPrincipalType: 'EXCLUSIVE_THING',
  },
};
export const BODY = {
  Parameters: { device: { Type: 'String' }, color: { Type: 'String', Default: 'red' } },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { 'Fn::Join': ['-', ['board', { Ref: 'device' }]] } } },
    certificate,
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: 'boards' } },
  },
  DeviceConfiguration: { color: { Ref: 'color' }, topic: { 'Fn::Sub': 'rtjm/${device}' } },
};
export const BOARDS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['iot:Connect', 'iot:Publish'], Resource: '*' }],
};

/** The one that was started last, and its claim. */
export let cloud: IotCloud;
export let claim: Identity;

/** A cloud with the template `boards`, a role for it, and a claim. */
export async function start(readings?: Partial<Readings>, state?: State, tokenSeconds?: number): Promise<MqttClient> {
  cloud = await IotCloud.start(state, readings, undefined, tokenSeconds === undefined ? {} : { tokenSeconds });
  await cloud.dispatcher.invoke(cloud.operator, 'iam', 'CreateRole', {
    RoleName: 'provisioning',
    AssumeRolePolicyDocument: JSON.stringify(trust('iot.amazonaws.com')),
  });
  await permit(PERMITTED);
  await cloud.call('CreatePolicy', { policyName: 'boards', policyDocument: JSON.stringify(BOARDS) });
  await template('boards', BODY);
  claim = await cloud.certify();
  await cloud.allow(claim, 'claim', claimPolicy('*', arn));
  return cloud.connect(claim, 'claim-1');
}

/** The same one after a restart. */
export async function restart(state: State): Promise<void> {
  await cloud.stop();
  cloud = await IotCloud.start(state);
}

export const permit = (actions: readonly string[]): Promise<unknown> =>
  cloud.dispatcher.invoke(cloud.operator, 'iam', 'PutRolePolicy', {
    RoleName: 'provisioning',
    PolicyName: 'provisioning',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: actions, Resource: '*' },
    }),
  });

export const template = (templateName: string, body: object, enabled = true): Promise<unknown> =>
  cloud.call('CreateProvisioningTemplate', {
    templateName,
    templateBody: JSON.stringify(body),
    provisioningRoleArn: ROLE,
    enabled,
  });

/** A certificate for a new key, and the token with which to provision it. */
export async function obtain(client: MqttClient): Promise<Identity & { readonly token: string }> {
  const { key, csr } = await makeCsr();
  const { outcome, body } = await ask(client, FROM_CSR, { certificateSigningRequest: csr });
  expect(outcome).toBe('accepted');
  const { certificateId = '', certificatePem: cert = '', certificateOwnershipToken: token = '' } = body;
  return { key, cert, certificateId, token };
}

export const status = async (certificateId: string): Promise<string | undefined> =>
  (await cloud.call<DescribeCertificateResponse>('DescribeCertificate', { certificateId })).certificateDescription
    ?.status;

export const register = (
  client: MqttClient,
  token: string,
  parameters: object = { device: 'kitchen' },
  name = 'boards',
) => ask(client, provision(name), { certificateOwnershipToken: token, parameters });
