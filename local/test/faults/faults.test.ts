import {
  AttachPolicyCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeletePolicyCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  IoTClient,
  ListTargetsForPolicyCommand,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Cloud, Faults, memoryLog, passingFailure, startCloud } from '../../src/cloud.ts';
import { makeCsr } from '../iot/iot-cloud.ts';

const faults = new Faults();
let cloud: Cloud;
let iot: IoTClient;
let patient: IoTClient;
let name: string;
let count = 0;

const client = ({ endpoint, environment }: Cloud) => ({
  endpoint,
  region: environment.AWS_REGION ?? '',
  credentials: {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
  },
});

beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), faults });
  iot = new IoTClient({ ...client(cloud), maxAttempts: 1 });
  patient = new IoTClient(client(cloud));
});
afterAll(() => cloud?.close());
beforeEach(() => {
  faults.clear();
  name = `name-${++count}`;
});

const create = (by: IoTClient = iot) => by.send(new CreateThingCommand({ thingName: name }));
const describe = () => iot.send(new DescribeThingCommand({ thingName: name }));
const activeCertificate = async () => {
  const { csr: certificateSigningRequest } = await makeCsr();
  return iot.send(new CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: true }));
};
const callsOf = (operation: string) => faults.calls.filter((call) => call.operation === operation).length;

test('meanwhile: something else happens before the call, which finds it done', async () => {
  const act = async () => void (await patient.send(new CreateThingCommand({ thingName: name })));
  faults.add({ service: 'iot', operation: 'DescribeThing', kind: 'meanwhile', act });
  expect(await describe()).toMatchObject({ thingName: name });
});

test('meanwhile: what is thrown there is what the call answers', async () => {
  const act = () => Promise.reject(passingFailure());
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'meanwhile', act });
  await expect(create()).rejects.toMatchObject({ name: 'InternalFailure' });
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('fail before: an error without effect, which no SDK retries', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'fail before' });
  await expect(create(patient)).rejects.toMatchObject({ name: 'InjectedFailure' });
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect(callsOf('CreateThing')).toBe(1);
});

test('fail before, with an error that an SDK retries: the second call succeeds', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'fail before', error: passingFailure() });
  expect(await create(patient)).toMatchObject({ thingName: name });
  expect(callsOf('CreateThing')).toBe(2);
});

test('fail after: an error, and the effect all the same', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'fail after' });
  await expect(create()).rejects.toMatchObject({ name: 'InjectedFailure' });
  expect(await describe()).toMatchObject({ thingName: name });
});

test('throttle: refused, retried by the SDK, done', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'throttle' });
  await expect(create()).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'throttle' });
  expect(await create(patient)).toMatchObject({ thingName: name });
});

test('time out: the effect, and no answer until the client gives up', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'time out' });
  const impatient = new IoTClient({
    ...client(cloud),
    maxAttempts: 1,
    requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
  });
  await expect(create(impatient)).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(await describe()).toMatchObject({ thingName: name });
});

test('an answer that says no gets lost as well', async () => {
  faults.add({ service: 'iot', operation: 'DescribeThing', kind: 'fail after' });
  await expect(describe()).rejects.toMatchObject({ name: 'InjectedFailure' });
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('the occurrence counts matching calls, and a fault is injected once', async () => {
  faults.add({ service: 'iot', operation: 'DescribeThing', occurrence: 2, kind: 'fail before' });
  await create();
  await describe();
  await expect(describe()).rejects.toMatchObject({ name: 'InjectedFailure' });
  await describe();
  expect(faults.injected).toEqual([
    {
      fault: { service: 'iot', operation: 'DescribeThing', occurrence: 2, kind: 'fail before' },
      call: { service: 'iot', operation: 'DescribeThing', caller: 'arn:aws:iam::000000000000:user/operator' },
    },
  ]);
});

test('the caller chooses whose calls are met', async () => {
  const fault = { service: 'iot', operation: 'CreateThing', kind: 'fail before' } as const;
  faults.add({ ...fault, caller: 'arn:aws:iam::000000000000:role/somebody-else' });
  await create();
  faults.add({ ...fault, caller: 'arn:aws:iam::000000000000:user/operator' });
  await expect(create()).rejects.toMatchObject({ name: 'InjectedFailure' });
});

test('what is cleared is not injected any more', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'fail before' });
  faults.clear();
  await create();
  expect(faults.injected).toEqual([]);
});

test('seen late: a detach is seen by lists and by a deletion some calls later', async () => {
  await iot.send(new CreatePolicyCommand({ policyName: name, policyDocument: POLICY }));
  const { certificateArn: target } = await activeCertificate();
  await iot.send(new AttachPolicyCommand({ policyName: name, target }));
  faults.add({ service: 'iot', operation: 'DetachPolicy', kind: 'seen late', calls: 2 });

  await iot.send(new DetachPolicyCommand({ policyName: name, target }));
  const list = () => iot.send(new ListTargetsForPolicyCommand({ policyName: name }));
  expect((await list()).targets).toEqual([target]);
  const deletion = new DeletePolicyCommand({ policyName: name });
  await expect(iot.send(deletion)).rejects.toMatchObject({ name: 'DeleteConflictException' });
  expect((await list()).targets).toEqual([]);
  await iot.send(deletion);
});

test('seen late: a revocation, at the latest when the faults are settled', async () => {
  const { certificateId } = await activeCertificate();
  faults.add({ service: 'iot', operation: 'UpdateCertificate', kind: 'seen late', calls: 100 });
  await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'REVOKED' }));
  const status = async () =>
    (await iot.send(new DescribeCertificateCommand({ certificateId }))).certificateDescription?.status;
  expect(await status()).toBe('ACTIVE');
  await faults.settle();
  expect(await status()).toBe('REVOKED');
});

test('seen late: what a new role may do, some calls later', async () => {
  const iam = new IAMClient(client(cloud));
  const trust = { Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'sts:AssumeRole' };
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const role = { RoleName: name, AssumeRolePolicyDocument: document(trust) };
  const { Role: { Arn: RoleArn } = {} } = await iam.send(new CreateRoleCommand(role));
  const { Credentials } = await new STSClient(client(cloud)).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test' }),
  );
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '', SessionToken } = Credentials ?? {};
  const credentials = { accessKeyId, secretAccessKey, ...(SessionToken && { sessionToken: SessionToken }) };
  const asRole = new IoTClient({ ...client(cloud), credentials, maxAttempts: 1 });

  faults.add({ service: 'iam', operation: 'PutRolePolicy', kind: 'seen late', calls: 0 });
  const PolicyDocument = document({ Effect: 'Allow', Action: 'iot:CreateThing', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'things', PolicyDocument }));
  await expect(create(asRole)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  await faults.settle();
  expect(await create(asRole)).toMatchObject({ thingName: name });
});

test('what answers something cannot be seen late', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'seen late', calls: 1 });
  await expect(create()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  await expect(describe()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('only a Lambda function can crash', async () => {
  faults.add({ service: 'iot', operation: 'CreateThing', kind: 'crash before' });
  await expect(create()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
});

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: '*' }],
});
