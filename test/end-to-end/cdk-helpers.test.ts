import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { ROOT } from '../../testing/cloud/process.ts';

/* What the CDK brings along as Lambda functions, which count on the AWS SDK of their runtime, works in the local cloud. */

const APP = `
const { App, Stack, RemovalPolicy } = require('aws-cdk-lib');
const { Bucket } = require('aws-cdk-lib/aws-s3');
const { LogRetention, RetentionDays } = require('aws-cdk-lib/aws-logs');
const { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } = require('aws-cdk-lib/custom-resources');
const stack = new Stack(new App(), 'theirs');
new Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });
new LogRetention(stack, 'Logs', { logGroupName: '/theirs', retention: RetentionDays.ONE_WEEK });
const put = (Value) => ({
  service: 'SSM', action: 'PutParameter', physicalResourceId: PhysicalResourceId.of('p'),
  parameters: { Name: '/theirs', Value, Type: 'String', Overwrite: true },
});
new AwsCustomResource(stack, 'Call', {
  onCreate: put('made'),
  onDelete: put('gone'),
  policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: AwsCustomResourcePolicy.ANY_RESOURCE }),
  installLatestAwsSdk: false,
});
`;

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment();
  // Beside a link to nothing: the app finds aws-cdk-lib by its path.
  writeFileSync(
    join(deployment.folder, 'app.cjs'),
    APP.replaceAll("require('aws-cdk-lib", `require('${ROOT}/node_modules/aws-cdk-lib`),
  );
});
afterAll(() => deployment.close());

const cdk = async (...args: string[]) => {
  const { code, stdout, stderr } = await deployment.cdk(...args, '--app', `node ${join(deployment.folder, 'app.cjs')}`);
  expect(code, stdout + stderr).toBe(0);
};

it('autoDeleteObjects, logRetention and AwsCustomResource', { timeout: 180_000 }, async () => {
  const [s3, logs, ssm] = [
    new S3Client({ ...deployment.client, forcePathStyle: true }),
    new CloudWatchLogsClient(deployment.client),
    new SSMClient(deployment.client),
  ];
  const value = async () => (await ssm.send(new GetParameterCommand({ Name: '/theirs' }))).Parameter?.Value;
  await cdk('deploy', '--require-approval', 'never');
  expect(await value()).toBe('made');
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/theirs' }));
  expect(logGroups).toMatchObject([{ logGroupName: '/theirs', retentionInDays: 7 }]);
  const buckets = async () => {
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    return Buckets.map(({ Name = '' }) => Name).filter((name) => name.startsWith('theirs'));
  };
  const [Bucket = ''] = await buckets();
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'text' }));
  await cdk('destroy', '--force');
  expect(await buckets()).toEqual([]);
  expect(await value()).toBe('gone');
});
