import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  GetFunctionCommand,
  GetPolicyCommand as GetFunctionPolicyCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { type Template } from '../stack-client.ts';
import {
  att,
  deploy,
  destroy,
  lambdaFunction,
  log,
  options,
  output,
  ref,
  role,
  stacks,
  tags,
  useDeployments,
} from './deployed.ts';

useDeployments();

describe('Lambda and Logs', () => {
  const source = (n: number) => `exports.handler = async () => ({ n: ${n}, env: process.env.WHO });`;
  const template = (n: number, more: object = {}): Template => ({
    Resources: {
      Role: role('lambda.amazonaws.com'),
      Group: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: n === 1 ? 7 : 30, Tags: tags(`${n}`) } },
      Fn: lambdaFunction(source(n), 'Role', { Tags: tags(`${n}`), ...more }),
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
        LoggingConfig: { LogGroup: ref('Group'), LogFormat: 'JSON', ApplicationLogLevel: 'WARN' },
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
      Configuration: {
        Timeout: 10,
        LoggingConfig: { LogGroup: Group, LogFormat: 'JSON', ApplicationLogLevel: 'WARN', SystemLogLevel: 'INFO' },
      },
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
      Configuration: { Timeout: 3, LoggingConfig: { LogGroup: `/aws/lambda/${Fn}`, LogFormat: 'Text' } },
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
        Role: role('lambda.amazonaws.com'),
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

  describe('the function of a custom resource', () => {
    // It answers a Delete, and does with a Create what the resource says.
    const source = `exports.handler = async (event) => {
      const { RequestType, ResponseURL, ResourceProperties, StackId, RequestId, LogicalResourceId } = event;
      const answer = (more) => fetch(ResponseURL, { method: 'PUT', headers: { 'content-type': '' },
        body: JSON.stringify({ StackId, RequestId, LogicalResourceId, PhysicalResourceId: 'it', ...more }) });
      if (RequestType === 'Delete') return answer({ Status: 'SUCCESS' });
      if (ResourceProperties.does === 'throw') throw new TypeError('the table has no key\\nat all');
      console.log('asked at', ResponseURL);
      if (ResourceProperties.does === 'say no') {
        await answer({ Status: 'FAILED', Reason: 'See the details in CloudWatch Log Stream' });
        console.error('the bucket is not empty');
      }
    };`;
    const stack = (things: Readonly<Record<string, object>>): Template => ({
      Resources: {
        Role: role('lambda.amazonaws.com'),
        Fn: lambdaFunction(source, 'Role', { FunctionName: 'provider' }),
        ...Object.fromEntries(
          Object.entries(things).map(([id, more]) => [
            id,
            { Type: 'Custom::Thing', Properties: { ServiceToken: att('Fn', 'Arn'), ...more } },
          ]),
        ),
      },
    });
    const reasonOf = async (id: string, logicalId: string) =>
      (await stacks.events(id)).find(
        (event) => event.LogicalResourceId === logicalId && event.ResourceStatus === 'CREATE_FAILED',
      )?.ResourceStatusReason;
    const said = (logicalId: string): string[] => log.lines.filter((line) => line.includes(`resource ${logicalId} of`));

    it('that fails or ends without an answer: why, and how long the stack waits', async () => {
      const { StackId = '', StackStatus } = await stacks.deploy(
        'unanswered',
        stack({ Thrower: { does: 'throw', ServiceTimeout: 4 }, Silent: { does: 'nothing' } }),
      );
      expect(StackStatus).toBe('ROLLBACK_COMPLETE');
      const why = 'the function provider failed: TypeError: the table has no key at all';
      expect(await reasonOf(StackId, 'Thrower')).toMatch(
        new RegExp(`within 4 seconds\\. Please check your logs for requestId \\[.*\\]\\. \\(${why}\\)$`),
      );
      expect(said('Thrower')[0]).toMatch(
        new RegExp(`^custom resource Thrower of stack unanswered: ${why}; without an answer the stack waits until `),
      );
      expect(said('Silent')).toEqual([
        expect.stringMatching(
          /: the function provider ended without an answer: its last line: INFO asked at http.*\(ServiceTimeout of 3600 s\)$/,
        ),
      ]);
      // What the function wrote holds the URL by which anybody could answer for it.
      expect(said('Silent')[0]).toMatch(/cloudformation-response\/…/);
      expect(log.lines.join('\n')).not.toMatch(/cloudformation-response\/[0-9a-f]/);
    });

    it('that answers FAILED: its last line', async () => {
      expect((await stacks.deploy('refusing', stack({ Naysayer: { does: 'say no' } }))).StackStatus).toBe(
        'ROLLBACK_COMPLETE',
      );
      await expect
        .poll(() => said('Naysayer'))
        .toEqual([
          'custom resource Naysayer of stack refusing: the function provider answered FAILED: its last line: ERROR the bucket is not empty',
        ]);
    });
  });
});
