import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, GetRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as iotSdk from '@aws-sdk/client-iot';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../src/dispatcher.ts';
import { ExpectedError } from '../../src/errors.ts';
import { iamService } from '../../src/iam/iam-service.ts';
import { IamStore } from '../../src/iam/iam-store.ts';
import { memoryLog } from '../../src/log.ts';
import { operation } from '../../src/service.ts';
import { State } from '../../src/state/state.ts';
import { Sessions } from '../../src/sts/sessions.ts';
import { stsService } from '../../src/sts/sts-service.ts';
import { createHttpServer } from '../../src/wire/http-server.ts';
import { serviceModel } from '../../src/wire/model.ts';

const account = { id: '000000000000', region: 'us-east-1' };
const log = memoryLog();
let server: Server;
let endpoint: string;
let credentials: { accessKeyId: string; secretAccessKey: string };

beforeAll(async () => {
  const state = await State.open();
  const iam = new IamStore(state, account);
  const sessions = new Sessions(state, iam);
  const dispatcher = new Dispatcher(account, log);
  dispatcher.register(iamService(iam));
  dispatcher.register(stsService(iam, sessions));
  dispatcher.register({
    name: 'iot',
    actionPrefix: 'iot',
    signingNames: ['iot'],
    model: serviceModel(iotSdk, iotSdk.IoTClient),
    operations: {
      ListThings: operation({ resource: () => '*', handle: () => ({ things: [] }) }),
      DescribeThing: operation({
        resource: () => '*',
        handle: () => {
          throw new ExpectedError('ResourceNotFoundException', 'not here', 404);
        },
      }),
    },
  });
  server = createHttpServer({ dispatcher, credentials: sessions, log, durable: () => state.flush(), extras: [] });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  credentials = sessions.operator;
});
afterAll(() => void server.close());

const options = () => ({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
const trust = (principal: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  });

describe('a call over HTTP', () => {
  it('is answered when the operator signed it', async () => {
    const identity = await new STSClient(options()).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: account.id, Arn: 'arn:aws:iam::000000000000:user/operator' });
  });

  it('is refused when it is not signed', async () => {
    const response = await fetch(endpoint, { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('not signed');
  });

  it('is refused when another secret key signed it', async () => {
    const client = new STSClient({ ...options(), credentials: { ...credentials, secretAccessKey: 'wrong' } });
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });

  it('is refused when the access key is not known', async () => {
    const client = new STSClient({ ...options(), credentials: { ...credentials, accessKeyId: 'AKIAUNKNOWN' } });
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it('is refused when a session token stands beside a key that has none', async () => {
    const client = new STSClient({ ...options(), credentials: { ...credentials, sessionToken: 'bogus' } });
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid.',
    });
  });

  // Services that speak JSON have another name for it (DynamoDB Developer Guide, "Error messages and codes").
  it('is refused in the words of the protocol', async () => {
    const client = new iotSdk.IoTClient({ ...options(), credentials: { ...credentials, sessionToken: 'bogus' } });
    await expect(client.send(new iotSdk.ListThingsCommand({}))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    });
  });

  it('tells nothing in the log where an answer says no as often as yes', async () => {
    const before = [...log.lines];
    const client = new iotSdk.IoTClient(options());
    const asked = client.send(new iotSdk.DescribeThingCommand({ thingName: 'nobody' }));
    await expect(asked).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(log.lines).toEqual(before);
  });

  it('is refused when a byte of it was changed after signing', async () => {
    const client = new IAMClient(options());
    client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string };
        request.body = request.body.replace('RoleName=a', 'RoleName=b');
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(client.send(new GetRoleCommand({ RoleName: 'a' }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });

  it('names the service that does not exist', async () => {
    const call = new CloudFormationClient(options()).send(new DescribeStacksCommand({}));
    await expect(call).rejects.toThrow();
    expect(log.lines.at(-1)).toBe('NotImplemented: the service cloudformation is not implemented by the local cloud');
  });
});

describe('an assumed role', () => {
  const assume = async (name: string) => {
    const { Credentials: c } = await new STSClient(options()).send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account.id}:role/${name}`, RoleSessionName: 'test' }),
    );
    if (!c?.AccessKeyId || !c.SecretAccessKey) throw new Error('no credentials');
    return new IAMClient({
      ...options(),
      credentials: {
        accessKeyId: c.AccessKeyId,
        secretAccessKey: c.SecretAccessKey,
        ...(c.SessionToken ? { sessionToken: c.SessionToken } : {}),
      },
    });
  };

  it('may do what its policy allows and is told which action and resource it lacks', async () => {
    const iam = new IAMClient(options());
    await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust({ AWS: account.id }) }));
    const Resource = `arn:aws:iam::${account.id}:role/reader`;
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'reader',
        PolicyName: 'read',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'iam:GetRole', Resource }],
        }),
      }),
    );
    const reader = await assume('reader');
    const { Role } = await reader.send(new GetRoleCommand({ RoleName: 'reader' }));
    expect(Role?.Arn).toBe(Resource);
    const change = new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'x', PolicyDocument: '{}' });
    await expect(reader.send(change)).rejects.toThrow(
      `User: arn:aws:sts::${account.id}:assumed-role/reader/test is not authorized to perform: iam:PutRolePolicy on resource: ${Resource}`,
    );
    expect(log.refusals.at(-1)).toMatchObject({ action: 'iam:PutRolePolicy', resource: Resource });
  });

  // API Reference, GetCallerIdentity: no permissions are required, not even where a policy denies it.
  it('may ask who it is, whatever its policy says', async () => {
    await new IAMClient(options()).send(
      new CreateRoleCommand({ RoleName: 'nobody', AssumeRolePolicyDocument: trust({ AWS: account.id }) }),
    );
    const { credentials: session } = (await assume('nobody')).config;
    const identity = await new STSClient({ ...options(), credentials: session }).send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({
      Account: account.id,
      Arn: `arn:aws:sts::${account.id}:assumed-role/nobody/test`,
    });
  });

  it('is not given to a caller whom the role does not trust, whatever the caller is allowed', async () => {
    await new IAMClient(options()).send(
      new CreateRoleCommand({
        RoleName: 'for-lambda',
        AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }),
      }),
    );
    await expect(assume('for-lambda')).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

describe('what is refused before a service is found comes in the form that the caller reads:', () => {
  const credential = (service: string, region = 'us-east-1') =>
    `AWS4-HMAC-SHA256 Credential=AKIA/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each<[string, Record<string, string>, RegExp]>([
    ['unsigned STS', form, /^<ErrorResponse.*<Code>MissingAuthenticationToken<\/Code>.*<RequestId>/s],
    ['unsigned JSON', { 'x-amz-target': 'AmazonSSM.GetParameter' }, /^\{"__type":"MissingAuthenticationToken"/],
    ['unsigned REST in JSON', { 'content-type': 'application/json' }, /^\{"__type":"MissingAuthenticationToken"/],
    ['unsigned S3', {}, /^<Error>.*<Code>MissingAuthenticationToken<\/Code>/],
    [
      'a VPC look-up',
      { ...form, authorization: credential('ec2') },
      /^<Response><Errors><Error>.*<Code>InvalidClientTokenId<\/Code>.*<RequestID>/,
    ],
    ['a service that is not here, in XML', { authorization: credential('route53') }, /^<Error>.*InvalidClientTokenId/],
    [
      'a service that is not here, in JSON',
      { authorization: credential('apigateway') },
      /^\{"__type":"UnrecognizedClientException"/,
    ],
    [
      'a signature that cannot be read',
      { ...form, authorization: 'Bearer x' },
      /^<ErrorResponse.*<Code>IncompleteSignature</,
    ],
  ])('%s', async (_, headers, body) => {
    const response = await fetch(`${endpoint}/x`, { method: 'POST', headers, body: 'Action=DescribeVpcs' });
    expect(await response.text()).toMatch(body);
    expect(response.headers.get('content-type')).not.toContain('text/plain');
  });
});

it('a request that is signed for another region is refused by its name', async () => {
  const elsewhere = { ...options(), region: 'eu-west-1' };
  const refusal = {
    name: 'NotImplemented',
    message: 'the region eu-west-1 (everything here is in us-east-1) is not implemented by the local cloud',
  };
  await expect(new STSClient(elsewhere).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject(refusal);
  await expect(
    new CloudFormationClient(elsewhere).send(new DescribeStacksCommand({ StackName: 'CDKToolkit' })),
  ).rejects.toMatchObject(refusal);
  await expect(new iotSdk.IoTClient(elsewhere).send(new iotSdk.ListThingsCommand({}))).rejects.toMatchObject(refusal);
});
