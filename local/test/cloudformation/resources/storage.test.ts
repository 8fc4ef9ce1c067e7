import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeRepositoriesCommand, ECRClient, GetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
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
import { describe, expect, it } from 'vitest';
import { type Template } from '../stack-client.ts';
import {
  att,
  cloud,
  deploy,
  destroy,
  document,
  options,
  output,
  ref,
  stacks,
  tags,
  useDeployments,
} from './deployed.ts';

useDeployments();

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
