import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { type StackClient, type Template, stackClient } from './stack-client.ts';

const require = createRequire(import.meta.url);
/** The package exports its executable alone, which has no more in it than to call this and to print what it throws. */
const cli = require(join(require.resolve('aws-cdk/bin/cdk'), '../../lib/index.js')) as {
  exec(args: readonly string[]): Promise<number | undefined>;
};
const ROLE = (name: string) =>
  `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/cdk-hnb659fds-${name}-role-\${AWS::AccountId}-\${AWS::Region}`;
const BUCKET = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
const BOOTSTRAP = {
  requiresBootstrapStackVersion: 6,
  bootstrapStackVersionSsmParameter: '/cdk-bootstrap/hnb659fds/version',
};

const LARGE = 'x'.repeat(11 * 1024 * 1024);

let cloud: Cloud;
let stacks: StackClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-cli-test-'));
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment;
  const credentials = { accessKeyId, secretAccessKey };
  for (const [name, value] of Object.entries({
    ...cloud.environment,
    ...{ HOME: folder, CDK_HOME: folder, CDK_DISABLE_CLI_TELEMETRY: 'true' },
  }))
    vi.stubEnv(name, value);
  stacks = stackClient(new CloudFormationClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials }));
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Writes what `cdk synth` writes for an app of one stack, so that no app has to be run. */
function assembly(template: Template): string {
  const directory = join(folder, 'cdk.out');
  mkdirSync(directory, { recursive: true });
  const text = JSON.stringify(template);
  const hash = createHash('sha256').update(text).digest('hex');
  const write = (file: string, content: string): void => writeFileSync(join(directory, file), content);
  const objectKey = `${hash}.json`;
  write('app.template.json', text);
  const destinations = { here: { bucketName: BUCKET, objectKey, assumeRoleArn: ROLE('file-publishing') } };
  // The CLI sends what is over 5 MiB in parts.
  write('large', LARGE);
  const large = { here: { ...destinations.here, objectKey: 'large' } };
  const files = {
    [hash]: { source: { path: 'app.template.json', packaging: 'file' }, destinations },
    large: { source: { path: 'large', packaging: 'file' }, destinations: large },
  };
  write('app.assets.json', JSON.stringify({ version: '36.0.0', files, dockerImages: {} }));
  write(
    'manifest.json',
    JSON.stringify({
      version: '36.0.0',
      artifacts: {
        'app.assets': { type: 'cdk:asset-manifest', properties: { file: 'app.assets.json', ...BOOTSTRAP } },
        app: {
          type: 'aws:cloudformation:stack',
          environment: 'aws://unknown-account/unknown-region',
          dependencies: ['app.assets'],
          properties: {
            templateFile: 'app.template.json',
            assumeRoleArn: ROLE('deploy'),
            cloudFormationExecutionRoleArn: ROLE('cfn-exec'),
            stackTemplateAssetObjectUrl: `s3://${BUCKET}/${objectKey}`,
            additionalDependencies: ['app.assets'],
            lookupRole: { arn: ROLE('lookup'), requiresBootstrapStackVersion: 8 },
            ...BOOTSTRAP,
          },
        },
      },
    }),
  );
  return directory;
}

/** Runs the real CDK CLI on a template, in this process: to load it takes most of what a process of it does. */
async function cdk(command: string, template: Template, ...flags: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const write = (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
    output += chunk.toString();
    const [done] = more.filter((each) => typeof each === 'function');
    done?.();
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(write));
  process.exitCode = undefined;
  try {
    const args = [command, '--app', assembly(template), '--no-notices', '--no-color', ...flags];
    const code = await cli.exec(args);
    return { code: Number(process.exitCode ?? code ?? 0), output };
  } catch (error) {
    return { code: 1, output: `${output}${(error as Error).message}` };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
  }
}

describe('the real CDK CLI', { timeout: 120_000 }, () => {
  const template = (value: string, more: object = {}): Template => ({
    Resources: {
      Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: value, Name: '/cli' } },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': 'queue-${AWS::Region}' } } },
      Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:x' } },
      ...more,
    },
    Outputs: { Url: { Value: { Ref: 'Queue' } } },
    Parameters: {
      BootstrapVersion: {
        Type: 'AWS::SSM::Parameter::Value<String>',
        Default: BOOTSTRAP.bootstrapStackVersionSsmParameter,
      },
    },
    Rules: {
      CheckBootstrapVersion: {
        Assertions: [
          { Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3', '4', '5'], { Ref: 'BootstrapVersion' }] }] } },
        ],
      },
    },
  });
  const approved = ['--require-approval', 'never'];

  it('deploys, finds nothing to do, shows what changes, updates, fails and rolls back, and destroys', async () => {
    const created = await cdk('deploy', template('1'), ...approved);
    expect(created).toMatchObject({
      code: 0,
      output: expect.stringContaining(`app.Url = ${cloud.endpoint}/`) as string,
    });
    const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = cloud.environment;
    const s3 = new S3Client({
      endpoint: cloud.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
    });
    const large = await s3.send(
      new HeadObjectCommand({ Bucket: 'cdk-hnb659fds-assets-000000000000-us-east-1', Key: 'large' }),
    );
    expect(large).toMatchObject({ ContentLength: LARGE.length, ETag: expect.stringMatching(/-3"$/) as string });
    // The CLI would wait 5 s and more if no answer were held.
    expect(Number(/Deployment time: ([\d.]+)s/.exec(created.output)?.[1])).toBeLessThan(5);

    expect((await cdk('deploy', template('1'), ...approved)).output).toContain('app (no changes)');
    expect(await cdk('diff', template('1'), '--fail')).toMatchObject({
      code: 0,
      output: expect.stringContaining('There were no differences') as string,
    });

    const renamed = { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'other' } } };
    const diff = await cdk('diff', template('2', renamed), '--fail');
    expect(diff.code).toBe(1);
    expect(diff.output).not.toContain('Could not create a change set');
    expect(diff.output).toMatch(/\[~\] AWS::SQS::Queue Queue replace/);
    expect(diff.output).toMatch(/\[~\] AWS::SSM::Parameter Parameter\n/);

    expect(await cdk('deploy', template('2'), ...approved)).toMatchObject({ code: 0 });
    expect((await stacks.settled('app')).StackStatus).toBe('UPDATE_COMPLETE');

    const broken = await cdk(
      'deploy',
      template('3', { Bad: { Type: 'AWS::IoT::Thing', Properties: { Colour: 'red' } } }),
      ...approved,
    );
    expect(broken.code).toBe(1);
    expect(broken.output).toContain('Encountered unsupported property Colour of AWS::IoT::Thing');
    expect((await stacks.settled('app')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');

    expect(await cdk('destroy', template('2'), '--force')).toMatchObject({ code: 0 });
    await expect(stacks.settled('app')).rejects.toThrow('Stack with id app does not exist');
  });

  it('pauses at a failure without rollback, and rolls back when asked', async () => {
    await cdk('deploy', template('1'), ...approved, '--method', 'direct');
    const bad = {
      Bad: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: '' }, DependsOn: 'Parameter' },
    };
    expect((await cdk('deploy', template('2', bad), ...approved, '--no-rollback')).code).toBe(1);
    expect((await stacks.settled('app')).StackStatus).toBe('UPDATE_FAILED');
    expect((await cdk('rollback', template('2', bad))).code).toBe(0);
    expect((await stacks.settled('app')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  });

  it('deploys in express mode, in which a failure is not rolled back', async () => {
    const express = [...approved, '--express'];
    const bad = { Bad: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: '' } } };
    expect((await cdk('deploy', template('3', bad), ...express)).code).toBe(1);
    expect(await stacks.settled('app')).toMatchObject({
      StackStatus: 'UPDATE_FAILED',
      DeploymentConfig: { Mode: 'EXPRESS' },
    });
    expect(await cdk('deploy', template('3'), ...express, '--no-rollback')).toMatchObject({ code: 0 });
    expect(await cdk('destroy', template('3'), '--force', '--express')).toMatchObject({ code: 0 });
  });

  it('finds the account bootstrapped', async () => {
    const { code, output } = await cdk('bootstrap', template('1'), 'aws://000000000000/us-east-1');
    expect(code).toBe(0);
    expect(output).toContain('bootstrapped (no changes)');
  });
});
