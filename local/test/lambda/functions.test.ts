import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { zip } from '../support/zip.ts';
import { type Lambda, ROLE, startLambda } from './start-lambda.ts';

const ONE = 'export const handler = async () => 1;';
const arn = (name: string): string => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
let lambda: Lambda;
beforeAll(async () => {
  lambda = await startLambda();
});
afterAll(() => lambda.close());

describe('a function', () => {
  it('is answered as it was made, active at once', async () => {
    const name = await lambda.create(ONE, {
      Description: 'counts',
      MemorySize: 256,
      Architectures: ['arm64'],
      LoggingConfig: { LogGroup: '/own/group' },
      Tags: { site: 'home' },
    });
    const { Configuration, Tags } = await lambda.client.send(new GetFunctionCommand({ FunctionName: name }));
    expect(Tags).toEqual({ site: 'home' });
    expect(Configuration).toMatchObject({
      FunctionArn: arn(name),
      Description: 'counts',
      MemorySize: 256,
      Timeout: 10,
      Architectures: ['arm64'],
      State: 'Active',
      LastUpdateStatus: 'Successful',
      LoggingConfig: { LogGroup: '/own/group', LogFormat: 'Text' },
    });
  });

  it('takes its code from S3, as the caller', async () => {
    const s3 = new S3Client({ ...lambda.services.operator, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
    await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'a.zip', Body: zip({ 'index.mjs': ONE }) }));
    const Code = { S3Bucket: 'code', S3Key: 'a.zip' };
    expect((await lambda.invoke(await lambda.create('', { Code }))).payload).toBe(1);
    const deployer = await lambda.services.role('deployer', [
      { Action: ['lambda:CreateFunction', 'iam:PassRole'], Resource: '*' },
    ]);
    const create = {
      FunctionName: 'denied',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: ROLE,
      Code,
    } as const;
    await expect(new LambdaClient(deployer).send(new CreateFunctionCommand(create))).rejects.toThrow(
      's3:GetObject on resource: arn:aws:s3:::code/a.zip',
    );
  });

  it('runs new code and new settings after an update', async () => {
    const FunctionName = await lambda.create('export const handler = async () => process.env.WHO ?? "nobody";');
    expect((await lambda.invoke(FunctionName)).payload).toBe('nobody');
    const Environment = { Variables: { WHO: 'me' } };
    await lambda.client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment, Timeout: 5 }));
    expect((await lambda.invoke(FunctionName)).payload).toBe('me');
    const before = await lambda.client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const ZipFile = zip({ 'index.mjs': 'export const handler = async () => `new ${process.env.WHO}`;' });
    const after = await lambda.client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    expect((await lambda.invoke(FunctionName)).payload).toBe('new me');
    expect(after).toMatchObject({ Timeout: 5, Environment });
    expect(after.CodeSha256).not.toBe(before.CodeSha256);
  });

  it('is gone when it is deleted', async () => {
    const FunctionName = await lambda.create(ONE);
    await lambda.invoke(FunctionName);
    await lambda.client.send(new DeleteFunctionCommand({ FunctionName }));
    const get = new GetFunctionCommand({ FunctionName });
    await expect(lambda.client.send(get)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is made once', async () => {
    const FunctionName = await lambda.create(ONE);
    await expect(lambda.create(ONE, { FunctionName })).rejects.toMatchObject({ name: 'ResourceConflictException' });
  });

  it('is listed, in pages', async () => {
    await lambda.create(ONE);
    await lambda.create(ONE);
    const { Functions, NextMarker } = await lambda.client.send(new ListFunctionsCommand({ MaxItems: 1 }));
    expect(Functions).toHaveLength(1);
    const rest = await lambda.client.send(new ListFunctionsCommand({ Marker: NextMarker }));
    expect(rest.Functions?.map(({ FunctionName }) => FunctionName)).not.toContain(Functions?.[0]?.FunctionName);
  });

  it('has tags', async () => {
    const FunctionName = await lambda.create(ONE, { Tags: { a: '1' } });
    await lambda.client.send(new TagResourceCommand({ Resource: arn(FunctionName), Tags: { b: '2' } }));
    await lambda.client.send(new UntagResourceCommand({ Resource: arn(FunctionName), TagKeys: ['a'] }));
    expect((await lambda.client.send(new GetFunctionCommand({ FunctionName }))).Tags).toEqual({ b: '2' });
  });

  it('survives a restart, with its code', async () => {
    const folder = temporaryFolder();
    const before = await startLambda(folder);
    const name = await before.create(ONE);
    await before.close();
    const after = await startLambda(folder);
    expect((await after.invoke(name)).payload).toBe(1);
    await after.close();
  });
});

describe('a function is refused', () => {
  it.each<[string, Partial<CreateFunctionCommandInput>, string]>([
    ['another runtime', { Runtime: 'python3.13' }, 'the Lambda runtime python3.13'],
    ['a runtime that AWS has closed', { Runtime: 'nodejs18.x' }, 'the Lambda runtime nodejs18.x'],
    ['layers', { Layers: ['arn:aws:lambda:us-east-1:000000000000:layer:a:1'] }, 'Layers of lambda:CreateFunction'],
    ['a network', { VpcConfig: { SubnetIds: ['a'] } }, 'VpcConfig of lambda:CreateFunction'],
    [
      'levels of a log in plain text',
      { LoggingConfig: { SystemLogLevel: 'WARN' } },
      'only be set for the log format JSON',
    ],
    ['a handler of another form', { Handler: 'index' }, 'The handler index'],
    ['a timeout over 15 minutes', { Timeout: 901 }, 'Timeout is 901'],
    ['a reserved variable', { Environment: { Variables: { AWS_REGION: 'x' } } }, 'AWS_REGION is a reserved key'],
    ['variables over 4 KB', { Environment: { Variables: { LARGE: 'x'.repeat(4096) } } }, '4096 bytes'],
    ['code that is no zip file', { Code: { ZipFile: Buffer.from('no zip') } }, 'Could not unzip'],
    ['no code', { Code: {} }, 'Provide either ZipFile'],
    ['an image', { Code: { ImageUri: 'x' } }, "ImageUri of a Lambda function's code"],
    ['a role that is not there', { Role: 'arn:aws:iam::000000000000:role/none' }, 'cannot be assumed by Lambda'],
  ])('with %s', async (_, settings, message) => {
    await expect(lambda.create(ONE, { FunctionName: 'refused', ...settings })).rejects.toThrow(message);
    await expect(lambda.invoke('refused')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each(['../out.mjs', '/etc/out', 'a/../../out', 'a\\..\\out'])('with the file name %s in its zip', async (file) => {
    const ZipFile = zip({ [file]: '', 'index.mjs': ONE });
    await expect(lambda.create('', { Code: { ZipFile } })).rejects.toThrow('The deployment package has a file');
  });

  it('with a role that does not trust Lambda', async () => {
    await lambda.services.role('untrusting', []);
    const Role = 'arn:aws:iam::000000000000:role/untrusting';
    await expect(lambda.create(ONE, { Role })).rejects.toThrow('cannot be assumed by Lambda');
  });

  it('from a caller who may not pass the role', async () => {
    const creator = await lambda.services.role('creator', [{ Action: 'lambda:CreateFunction', Resource: '*' }]);
    const input = { FunctionName: 'passed', Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ROLE } as const;
    const create = new CreateFunctionCommand({ ...input, Code: { ZipFile: zip({ 'index.mjs': ONE }) } });
    await expect(new LambdaClient(creator).send(create)).rejects.toThrow(`iam:PassRole on resource: ${ROLE}`);
  });
});

describe('permission to invoke', () => {
  const add = (FunctionName: string, input: Partial<AddPermissionCommandInput>) =>
    lambda.client.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'one',
        Action: 'lambda:InvokeFunction',
        Principal: 'iot.amazonaws.com',
        ...input,
      }),
    );

  it('is by function', async () => {
    const [mine, yours] = [await lambda.create(ONE), await lambda.create(ONE)];
    const options = await lambda.services.role('invoker', [{ Action: 'lambda:InvokeFunction', Resource: arn(mine) }]);
    const invoker = new LambdaClient(options);
    await invoker.send(new InvokeCommand({ FunctionName: mine }));
    await expect(invoker.send(new InvokeCommand({ FunctionName: yours }))).rejects.toThrow(
      `lambda:InvokeFunction on resource: ${arn(yours)}`,
    );
  });

  it('comes from the resource policy, too, until it is taken away', async () => {
    const FunctionName = await lambda.create(ONE);
    const guest = new LambdaClient(await lambda.services.role('guest', []));
    await add(FunctionName, { Principal: 'arn:aws:iam::000000000000:role/guest' });
    await guest.send(new InvokeCommand({ FunctionName }));
    await lambda.client.send(new RemovePermissionCommand({ FunctionName, StatementId: 'one' }));
    await expect(guest.send(new InvokeCommand({ FunctionName }))).rejects.toThrow('lambda:InvokeFunction');
  });

  it('for a service stands in the policy with its conditions, and holds for that service', async () => {
    const FunctionName = await lambda.create(ONE);
    const { iam, dispatcher } = lambda.services;
    const invoke = (service: string) =>
      dispatcher.invoke(iam.servicePrincipal(service), 'lambda', 'Invoke', { FunctionName });
    await expect(invoke('iot.amazonaws.com')).rejects.toThrow('lambda:InvokeFunction');
    await add(FunctionName, { SourceAccount: '000000000000' });
    await invoke('iot.amazonaws.com');
    await expect(invoke('events.amazonaws.com')).rejects.toThrow('lambda:InvokeFunction');
    const { Policy = '' } = await lambda.client.send(new GetPolicyCommand({ FunctionName }));
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [
        {
          Sid: 'one',
          Principal: { Service: 'iot.amazonaws.com' },
          Resource: arn(FunctionName),
          Condition: { StringEquals: { 'AWS:SourceAccount': '000000000000' } },
        },
      ],
    });
  });

  it('is given once under an id', async () => {
    const FunctionName = await lambda.create(ONE);
    await add(FunctionName, {});
    await expect(add(FunctionName, {})).rejects.toMatchObject({ name: 'ResourceConflictException' });
    await expect(add(FunctionName, { StatementId: 'two', Principal: 'nobody' })).rejects.toThrow('principal');
  });

  it('that was never given is not found', async () => {
    const FunctionName = await lambda.create(ONE);
    const get = new GetPolicyCommand({ FunctionName });
    await expect(lambda.client.send(get)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
