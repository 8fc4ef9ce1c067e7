import { CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeRepositoriesCommand, ECRClient, GetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import {
  GetPolicyCommand as GetManagedPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import {
  CreateThingCommand,
  DescribeThingCommand,
  GetPolicyCommand,
  GetTopicRuleCommand,
  IoTClient,
  ListPolicyVersionsCommand,
} from '@aws-sdk/client-iot';
import {
  GetFunctionCommand,
  GetPolicyCommand as GetFunctionPolicyCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import type { ClientOptions } from '../support/start-services.ts';
import { type StackClient, type Template, stackClient } from './stack-client.ts';

let cloud: Cloud;
let stacks: StackClient;
let options: ClientOptions;

beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment;
  options = {
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  };
  stacks = stackClient(new CloudFormationClient(options));
});
afterAll(() => cloud.close());

const ref = (Ref: string) => ({ Ref });
const att = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });
const output = (value: unknown) => ({ Value: value });
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });
const trust = (Service: string) => document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } });
const allow = (Action: string, Resource: unknown = '*') => ({ Effect: 'Allow', Action, Resource });
const tags = (value: string) => [{ Key: 'team', Value: value }];

/** Deploys, and gives the outputs. */
async function deploy(name: string, template: Template): Promise<Record<string, string>> {
  const stack: Stack = await stacks.deploy(name, template);
  const reasons = (await stacks.events(stack.StackId))
    .filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'))
    .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  expect({ status: stack.StackStatus, reasons }).toMatchObject({
    status: /^(CREATE|UPDATE)_COMPLETE$/.exec(stack.StackStatus ?? '')?.[0],
    reasons: [],
  });
  return Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}
const destroy = async (name: string) => {
  expect((await stacks.destroy(await stacks.settled(name))).StackStatus).toBe('DELETE_COMPLETE');
};

describe('AWS IoT', () => {
  const template = (n: number): Template => ({
    Resources: {
      Thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: 'a-thing', AttributePayload: { Attributes: { n: `${n}` } } },
      },
      Policy: {
        Type: 'AWS::IoT::Policy',
        Properties: { PolicyDocument: document(allow('iot:Publish', `arn:aws:iot:us-east-1:000000000000:topic/${n}`)) },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust('iot.amazonaws.com') } },
      Rule: {
        Type: 'AWS::IoT::TopicRule',
        Properties: {
          TopicRulePayload: {
            Sql: `SELECT * FROM 'topic/${n}'`,
            AwsIotSqlVersion: '2016-03-23',
            RuleDisabled: 'false',
            Actions: [{ DynamoDBv2: { RoleArn: att('Role', 'Arn'), PutItem: { TableName: 'table' } } }],
            ErrorAction: { Sqs: { RoleArn: att('Role', 'Arn'), QueueUrl: 'url', UseBase64: false } },
          },
        },
      },
    },
    Outputs: {
      Thing: output(ref('Thing')),
      ThingId: output(att('Thing', 'Id')),
      Policy: output(ref('Policy')),
      PolicyArn: output(att('Policy', 'Arn')),
      Rule: output(ref('Rule')),
      RuleArn: output(att('Rule', 'Arn')),
    },
  });

  it('things, policies and topic rules', async () => {
    const iot = new IoTClient(options);
    const { Thing, ThingId, Policy, PolicyArn, Rule, RuleArn } = await deploy('iot', template(1));
    expect(Thing).toBe('a-thing');
    expect(ThingId).toMatch(/^[0-9a-f-]{36}$/);
    expect(PolicyArn).toBe(`arn:aws:iot:us-east-1:000000000000:policy/${Policy}`);
    expect(Rule).toMatch(/^iot_Rule_[A-Z0-9]{12}$/);
    expect(RuleArn).toBe(`arn:aws:iot:us-east-1:000000000000:rule/${Rule}`);
    const rule = async () => (await iot.send(new GetTopicRuleCommand({ ruleName: Rule }))).rule;
    expect(await rule()).toMatchObject({
      sql: "SELECT * FROM 'topic/1'",
      ruleDisabled: false,
      actions: [{ dynamoDBv2: { putItem: { tableName: 'table' } } }],
      errorAction: { sqs: { queueUrl: 'url', useBase64: false } },
    });
    // A new document is a new default version of the same policy; AWS IoT keeps five.
    for (let n = 2; n <= 8; n++) expect((await deploy('iot', template(n))).Policy).toBe(Policy);
    const { policyVersions = [] } = await iot.send(new ListPolicyVersionsCommand({ policyName: Policy }));
    expect(policyVersions.map(({ versionId }) => versionId).sort()).toEqual(['4', '5', '6', '7', '8']);
    const { policyDocument, defaultVersionId } = await iot.send(new GetPolicyCommand({ policyName: Policy }));
    expect({ policyDocument, defaultVersionId }).toEqual({
      policyDocument: expect.stringContaining('topic/8') as string,
      defaultVersionId: '8',
    });
    expect((await rule())?.sql).toBe("SELECT * FROM 'topic/8'");
    expect((await iot.send(new DescribeThingCommand({ thingName: Thing }))).attributes).toEqual({ n: '8' });
    await destroy('iot');
    await expect(iot.send(new DescribeThingCommand({ thingName: Thing }))).rejects.toThrow();
    await expect(iot.send(new GetPolicyCommand({ policyName: Policy }))).rejects.toThrow();
    await expect(rule()).rejects.toThrow();
  });

  it('a thing that is there already is not taken over', async () => {
    await new IoTClient(options).send(new CreateThingCommand({ thingName: 'mine' }));
    const stack = await stacks.deploy('takeover', {
      Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'mine' } } },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    await new IoTClient(options).send(new DescribeThingCommand({ thingName: 'mine' }));
  });
});

describe('IAM', () => {
  const template = (n: number): Template => ({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          Description: `number ${n}`,
          AssumeRolePolicyDocument: trust(n === 1 ? 'iot.amazonaws.com' : 'lambda.amazonaws.com'),
          ManagedPolicyArns: n === 1 ? [ref('Managed')] : ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
          Policies: [{ PolicyName: n === 1 ? 'first' : 'second', PolicyDocument: document(allow('sqs:*')) }],
          Tags: tags(`${n}`),
        },
      },
      Inline: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'inline', PolicyDocument: document(allow(`ssm:Get${n}`)), Roles: [ref('Role')] },
      },
      Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: document(allow(`iot:Get${n}`)) } },
    },
    Outputs: {
      Role: output(ref('Role')),
      Arn: output(att('Role', 'Arn')),
      Managed: output(ref('Managed')),
      Inline: output(ref('Inline')),
    },
  });

  it('roles, their inline policies, and managed policies', async () => {
    const iam = new IAMClient(options);
    const { Role, Arn, Managed, Inline } = await deploy('iam', template(1));
    expect(Role).toMatch(/^iam-Role-[A-Z0-9]{12}$/);
    expect(Arn).toBe(`arn:aws:iam::000000000000:role/${Role}`);
    expect(Managed).toMatch(/^arn:aws:iam::000000000000:policy\/iam-Managed-[A-Z0-9]{12}$/);
    expect(Inline).toMatch(/^iam-Inline-/);
    const RoleName = Role;
    const state = async () => ({
      role: (await iam.send(new GetRoleCommand({ RoleName }))).Role,
      inline: (await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames?.sort(),
      attached: (await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies?.map(
        ({ PolicyArn }) => PolicyArn,
      ),
    });
    expect(await state()).toMatchObject({
      role: { Description: 'number 1', Tags: tags('1') },
      inline: ['first', 'inline'],
      attached: [Managed],
    });
    for (let n = 2; n <= 7; n++) await deploy('iam', template(n));
    const after = await state();
    expect(after).toMatchObject({
      role: { Description: 'number 7', Tags: tags('7') },
      inline: ['inline', 'second'],
      attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    });
    expect(decodeURIComponent(after.role?.AssumeRolePolicyDocument ?? '')).toContain('lambda.amazonaws.com');
    const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'inline' }));
    expect(decodeURIComponent(inline.PolicyDocument ?? '')).toContain('ssm:Get7');
    const { Policy } = await iam.send(new GetManagedPolicyCommand({ PolicyArn: Managed }));
    const version = await iam.send(
      new GetPolicyVersionCommand({ PolicyArn: Managed, VersionId: Policy?.DefaultVersionId }),
    );
    expect(decodeURIComponent(version.PolicyVersion?.Document ?? '')).toContain('iot:Get7');
    await destroy('iam');
    await expect(state()).rejects.toThrow('cannot be found');
  });
});

describe('Lambda and Logs', () => {
  const source = (n: number) => `exports.handler = async () => ({ n: ${n}, env: process.env.WHO });`;
  const template = (n: number, more: object = {}): Template => ({
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust('lambda.amazonaws.com') } },
      Group: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: n === 1 ? 7 : 30, Tags: tags(`${n}`) } },
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { ZipFile: source(n) },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Role: att('Role', 'Arn'),
          Tags: tags(`${n}`),
          ...more,
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: ref('Fn'),
          Action: 'lambda:InvokeFunction',
          Principal: 'iot.amazonaws.com',
          SourceAccount: '000000000000',
        },
      },
    },
    Outputs: {
      Fn: output(ref('Fn')),
      Arn: output(att('Fn', 'Arn')),
      Group: output(ref('Group')),
      GroupArn: output(att('Group', 'Arn')),
      Permission: output(att('Permission', 'Id')),
    },
  });

  it('functions, permissions and log groups', async () => {
    const lambda = new LambdaClient(options);
    const logs = new CloudWatchLogsClient(options);
    const { Fn, Arn, Group, GroupArn, Permission } = await deploy(
      'functions',
      template(1, {
        Timeout: 10,
        Environment: { Variables: { WHO: 'me' } },
        LoggingConfig: { LogGroup: ref('Group') },
      }),
    );
    expect(Arn).toBe(`arn:aws:lambda:us-east-1:000000000000:function:${Fn}`);
    expect(GroupArn).toBe(`arn:aws:logs:us-east-1:000000000000:log-group:${Group}:*`);
    const call = async () =>
      JSON.parse(
        Buffer.from((await lambda.send(new InvokeCommand({ FunctionName: Fn }))).Payload ?? []).toString(),
      ) as unknown;
    const configuration = async () => await lambda.send(new GetFunctionCommand({ FunctionName: Fn }));
    const group = async () =>
      (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: Group }))).logGroups?.[0];
    expect(await call()).toEqual({ n: 1, env: 'me' });
    expect(await configuration()).toMatchObject({
      Configuration: { Timeout: 10, LoggingConfig: { LogGroup: Group } },
      Tags: { team: '1' },
    });
    expect((await group())?.retentionInDays).toBe(7);
    const { Policy = '' } = await lambda.send(new GetFunctionPolicyCommand({ FunctionName: Fn }));
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [{ Sid: Permission, Principal: { Service: 'iot.amazonaws.com' } }],
    });

    // What the template no longer says goes back to AWS's defaults.
    await deploy('functions', template(2));
    expect(await call()).toEqual({ n: 2 });
    expect(await configuration()).toMatchObject({
      Configuration: { Timeout: 3, LoggingConfig: { LogGroup: `/aws/lambda/${Fn}` } },
      Tags: { team: '2' },
    });
    expect((await group())?.retentionInDays).toBe(30);
    await destroy('functions');
    await expect(configuration()).rejects.toThrow();
    expect(await group()).toBeUndefined();
  });

  it('code that is no text in the template comes from a bucket, and from nowhere else', async () => {
    const template = {
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust('lambda.amazonaws.com') } },
        Fn: { Type: 'AWS::Lambda::Function', Properties: { Code: { ImageUri: 'x' }, Role: att('Role', 'Arn') } },
      },
    };
    const stack = await stacks.deploy('image', template);
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const failed = (await stacks.events(stack.StackId)).find(
      ({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED',
    );
    expect(failed?.ResourceStatusReason).toContain(
      'property Code.ImageUri of AWS::Lambda::Function is not implemented',
    );
  });
});

describe('DynamoDB', () => {
  const template = (properties: object, key = 'device'): Template => ({
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
          KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          ...properties,
        },
      },
    },
    Outputs: { Table: output(ref('Table')), Arn: output(att('Table', 'Arn')) },
  });
  const TimeToLiveSpecification = (Enabled: boolean) => ({ AttributeName: 'expires', Enabled });

  it('tables', async () => {
    const dynamodb = new DynamoDBClient(options);
    const { Table: TableName, Arn } = await deploy(
      'table',
      template({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        Tags: tags('1'),
      }),
    );
    expect(Arn).toBe(`arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`);
    const state = async () => ({
      table: (await dynamodb.send(new DescribeTableCommand({ TableName }))).Table,
      recovery: (await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }))).ContinuousBackupsDescription
        ?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      ttl: (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription?.TimeToLiveStatus,
      tags: (await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn: Arn }))).Tags,
    });
    expect(await state()).toMatchObject({
      table: { TableStatus: 'ACTIVE', DeletionProtectionEnabled: true },
      recovery: 'ENABLED',
      ttl: 'DISABLED',
      tags: tags('1'),
    });

    const protectedStack = await stacks.destroy(await stacks.settled('table'));
    expect(protectedStack.StackStatus).toBe('DELETE_FAILED');
    // From there, only another deletion helps; so the protection goes by hand.
    const { UpdateTableCommand } = await import('@aws-sdk/client-dynamodb');
    await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await destroy('table');
    await expect(state()).rejects.toThrow();

    await deploy('table', template({ TimeToLiveSpecification: TimeToLiveSpecification(true) }));
    const { Table } = await deploy(
      'table',
      template({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
    );
    const { ContinuousBackupsDescription } = await dynamodb.send(
      new DescribeContinuousBackupsCommand({ TableName: Table }),
    );
    expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe('ENABLED');
    expect(
      (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName: Table }))).TimeToLiveDescription
        ?.TimeToLiveStatus,
    ).toBe('DISABLED');
    expect((await deploy('table', template({}, 'other'))).Table).not.toBe(Table);
    await expect(dynamodb.send(new DescribeTableCommand({ TableName: Table }))).rejects.toThrow();
    await destroy('table');
  });
});

describe('SQS and SSM', () => {
  const template = (n: number): Template => ({
    Resources: {
      Queue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          ...(n === 1 && { DelaySeconds: 5 }),
          VisibilityTimeout: `${n}`,
          SqsManagedSseEnabled: true,
          Tags: tags(`${n}`),
        },
      },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [ref('Queue')],
          PolicyDocument: document({
            Effect: 'Deny',
            Action: `sqs:Send${n}`,
            Principal: '*',
            Resource: att('Queue', 'Arn'),
          }),
        },
      },
      Parameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: { Type: 'String', Value: att('Queue', 'QueueName'), Description: `${n}` },
      },
    },
    Outputs: {
      Queue: output(ref('Queue')),
      Parameter: output(ref('Parameter')),
      Value: output(att('Parameter', 'Value')),
    },
  });

  it('queues, their policies, and parameters', async () => {
    const sqs = new SQSClient(options);
    const ssm = new SSMClient(options);
    const { Queue: QueueUrl, Parameter: Name, Value } = await deploy('queue', template(1));
    const state = async () =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes;
    expect(await state()).toMatchObject({
      DelaySeconds: '5',
      VisibilityTimeout: '1',
      Policy: expect.stringContaining('sqs:Send1') as string,
    });
    expect(QueueUrl).toBe(`${cloud.endpoint}/000000000000/${Value}`);
    expect((await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value).toBe(Value);
    await deploy('queue', template(2));
    expect(await state()).toMatchObject({
      DelaySeconds: '0',
      VisibilityTimeout: '2',
      Policy: expect.stringContaining('sqs:Send2') as string,
    });
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: '2' });
    await deploy('queue', { Resources: { Queue: (template(2).Resources as Record<string, object>).Queue } });
    expect(await state()).not.toHaveProperty('Policy');
    await destroy('queue');
    await expect(state()).rejects.toThrow();
  });

  it('a queue that is there already is not taken over', async () => {
    await new SQSClient(options).send(new CreateQueueCommand({ QueueName: 'mine' }));
    const stack = await stacks.deploy('queue-takeover', {
      Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'mine' } } },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
  });
});

describe('S3 and ECR', () => {
  const template = (n: number): Template => ({
    Resources: {
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          AccessControl: 'Private',
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              { BucketKeyEnabled: n === 2, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
            ],
          },
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: n === 2 },
          VersioningConfiguration: { Status: n === 1 ? 'Enabled' : 'Suspended' },
          LifecycleConfiguration: { Rules: [{ Id: 'old', Status: 'Enabled', ExpirationInDays: n }] },
          Tags: tags(`${n}`),
        },
      },
      BucketPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: ref('Bucket'),
          PolicyDocument: document({
            Effect: 'Deny',
            Action: `s3:Get${n}`,
            Principal: '*',
            Resource: att('Bucket', 'Arn'),
          }),
        },
      },
      Repository: {
        Type: 'AWS::ECR::Repository',
        Properties: {
          ImageTagMutability: n === 1 ? 'IMMUTABLE' : 'MUTABLE',
          LifecyclePolicy: { LifecyclePolicyText: JSON.stringify({ rules: [{ rulePriority: n }] }) },
          RepositoryPolicyText: document({ Effect: 'Allow', Action: `ecr:Get${n}`, Principal: '*' }),
        },
      },
    },
    Outputs: {
      Bucket: output(ref('Bucket')),
      Domain: output(att('Bucket', 'RegionalDomainName')),
      Repository: output(ref('Repository')),
      Uri: output(att('Repository', 'RepositoryUri')),
    },
  });

  it('buckets, their policies, and repositories', async () => {
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    const ecr = new ECRClient(options);
    const { Bucket, Domain, Repository: repositoryName = '', Uri } = await deploy('buckets', template(1));
    expect(Bucket).toMatch(/^buckets-bucket-[a-z0-9]{12}$/);
    expect(Domain).toBe(`${Bucket}.s3.us-east-1.amazonaws.com`);
    expect(Uri).toBe(`000000000000.dkr.ecr.us-east-1.amazonaws.com/${repositoryName}`);
    const state = async () => ({
      rule: (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules?.[0],
      access: (await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration
        ?.BlockPublicPolicy,
      versioning: (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status,
      lifecycle: (await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules,
      tags: (await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet,
      policy: (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy,
      mutability: (await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] })))
        .repositories?.[0]?.imageTagMutability,
      ecrPolicy: (await ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).policyText,
    });
    const expected = (n: number) => ({
      rule: { BucketKeyEnabled: n === 2, ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
      access: n === 2,
      versioning: n === 1 ? 'Enabled' : 'Suspended',
      lifecycle: [{ ID: 'old', Status: 'Enabled', Expiration: { Days: n }, Filter: { Prefix: '' } }],
      tags: tags(`${n}`),
      policy: expect.stringContaining(`s3:Get${n}`) as string,
      mutability: n === 1 ? 'IMMUTABLE' : 'MUTABLE',
      ecrPolicy: expect.stringContaining(`ecr:Get${n}`) as string,
    });
    expect(await state()).toEqual(expected(1));
    await deploy('buckets', template(2));
    expect(await state()).toEqual(expected(2));
    await destroy('buckets');
    await expect(state()).rejects.toThrow();
  });

  it('what a bucket cannot do here fails', async () => {
    const fails = async (name: string, Properties: object): Promise<string | undefined> => {
      const stack = await stacks.deploy(name, { Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties } } });
      return (await stacks.events(stack.StackId)).find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
        ?.ResourceStatusReason;
    };
    expect(await fails('acl', { AccessControl: 'PublicRead' })).toContain(
      'AccessControl PublicRead of AWS::S3::Bucket is not implemented',
    );
    expect(await fails('site', { WebsiteConfiguration: {} })).toContain(
      'property WebsiteConfiguration of AWS::S3::Bucket is not implemented',
    );
    expect(
      await fails('rule', { LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ObjectSizeLessThan: '5' }] } }),
    ).toContain('property LifecycleConfiguration.Rules.ObjectSizeLessThan of AWS::S3::Bucket is not implemented');
  });
});
