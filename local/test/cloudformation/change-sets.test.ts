import {
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListChangeSetsCommand,
  ListStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Template } from './stack-client.ts';
import { type TestCloud, custom, parameter, startCloudFormation } from './start-cloudformation.ts';

let cloud: TestCloud;
beforeAll(async () => (cloud = await startCloudFormation()));
afterAll(() => cloud.stop());

type Options = Partial<CreateChangeSetCommandInput>;
const create = (StackName: string, template: Template, options: Options = {}) =>
  cloud.client.send(
    new CreateChangeSetCommand({
      StackName,
      ChangeSetName: 'changes',
      ChangeSetType: 'UPDATE',
      TemplateBody: JSON.stringify(template),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      ...options,
    }),
  );
const describeSet = (StackName: string, ChangeSetName = 'changes') =>
  cloud.client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }));
const changesOf = async (stack: string) =>
  ((await describeSet(stack)).Changes ?? []).map(({ ResourceChange: change }) => {
    const { Action, LogicalResourceId, Replacement, PolicyAction, Details = [] } = change ?? {};
    const details = Details.map(
      ({ Target, Evaluation }) => `${Target?.Name ?? Target?.Attribute} ${Target?.RequiresRecreation} ${Evaluation}`,
    );
    return [Action, LogicalResourceId, Replacement, PolicyAction, ...details].filter(Boolean).join(' ');
  });

describe('a change set', () => {
  it('for a new stack puts it under review, and creates it when executed', async () => {
    const template = { Description: 'new', Resources: { A: parameter('1') } };
    const { Id, StackId } = await create('new', template, { ChangeSetType: 'CREATE' });
    const before = await cloud.settled('new');
    expect(before).toMatchObject({ StackId, StackStatus: 'REVIEW_IN_PROGRESS' });
    expect((await cloud.client.send(new GetTemplateCommand({ StackName: 'new' }))).TemplateBody).toBeUndefined();
    expect(await describeSet('new')).toMatchObject({
      ChangeSetId: Id,
      StackId,
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
    });
    expect(await changesOf('new')).toEqual(['Add A']);
    await cloud.client.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
    expect(await cloud.settled('new')).toMatchObject({ StackId, StackStatus: 'CREATE_COMPLETE', ChangeSetId: Id });
    // An executed change set is gone with all others of the stack.
    await expect(describeSet('new')).rejects.toMatchObject({ name: 'ChangeSetNotFoundException' });
  });

  it('says what changes, how, and what is replaced', async () => {
    await cloud.deploy('modify', {
      Resources: {
        Same: parameter('1'),
        Changed: parameter('1'),
        Replaced: parameter('1', { Name: '/old' }),
        Kept: parameter('1', { Name: '/kept' }, { UpdateReplacePolicy: 'Retain' }),
        User: parameter({ Ref: 'Replaced' }),
        NameUser: parameter('1', { Name: { 'Fn::Sub': '/by${Replaced}' } }),
        Thing: custom({ n: 1 }),
        ThingUser: parameter({ Ref: 'Thing' }),
        Noted: parameter('1', {}, { Metadata: { a: 1 } }),
        Removed: parameter('1'),
        Released: parameter('1', {}, { DeletionPolicy: 'Retain' }),
      },
    });
    await create('modify', {
      Resources: {
        Same: parameter('1'),
        Changed: parameter('2'),
        Replaced: parameter('1', { Name: '/new' }),
        Kept: parameter('1', { Name: '/other' }, { UpdateReplacePolicy: 'Retain' }),
        User: parameter({ Ref: 'Replaced' }),
        NameUser: parameter('1', { Name: { 'Fn::Sub': '/by${Replaced}' } }),
        Thing: custom({ n: 2 }),
        ThingUser: parameter({ Ref: 'Thing' }),
        Noted: parameter('1', {}, { Metadata: { a: 2 } }),
        Added: parameter('1'),
      },
    });
    expect(await changesOf('modify')).toEqual([
      'Modify Changed False Value Never Static',
      'Modify Replaced True ReplaceAndDelete Name Always Static',
      'Modify Kept True ReplaceAndRetain Name Always Static',
      'Modify User False Value Never Dynamic',
      'Modify NameUser Conditional Name Always Dynamic',
      'Modify Thing False n Never Static',
      'Modify ThingUser False Value Never Dynamic',
      'Modify Noted False Metadata Never Static',
      'Add Added',
      'Remove Removed Delete',
      'Remove Released Retain',
    ]);
  });

  it('without a change is FAILED, in the words that tools look for', async () => {
    const template = { Resources: { A: parameter('1') }, Outputs: { O: { Value: '1' } } };
    await cloud.deploy('empty', template);
    await create('empty', { ...template, Description: 'other words alone change nothing' });
    const described = await describeSet('empty');
    expect(described).toMatchObject({ Status: 'FAILED', ExecutionStatus: 'UNAVAILABLE' });
    expect(described.StatusReason).toMatch(/^The submitted information didn't contain changes\./);
    await expect(
      cloud.client.send(new ExecuteChangeSetCommand({ StackName: 'empty', ChangeSetName: 'changes' })),
    ).rejects.toMatchObject({ name: 'InvalidChangeSetStatusException' });
  });

  it('of an output or a tag alone is one', async () => {
    const template = { Resources: { A: parameter('1') }, Outputs: { O: { Value: '1' } } };
    await cloud.deploy('little', template);
    await create('little', { ...template, Outputs: { O: { Value: '2' } } }, { ChangeSetName: 'output' });
    expect((await describeSet('little', 'output')).Status).toBe('CREATE_COMPLETE');
    await create('little', template, { Tags: [{ Key: 'team', Value: 'a' }] });
    expect(await changesOf('little')).toEqual(['Modify A False Tags Never Static']);
    const { Summaries = [] } = await cloud.client.send(new ListChangeSetsCommand({ StackName: 'little' }));
    expect(Summaries.map(({ ChangeSetName }) => ChangeSetName)).toEqual(['output', 'changes']);
  });

  it('can be deleted, also twice', async () => {
    await cloud.deploy('thrice', { Resources: { A: parameter('1') } });
    await create('thrice', { Resources: { A: parameter('2') } });
    const remove = () =>
      cloud.client.send(new DeleteChangeSetCommand({ StackName: 'thrice', ChangeSetName: 'changes' }));
    await remove();
    await remove();
    await expect(describeSet('thrice')).rejects.toMatchObject({ name: 'ChangeSetNotFoundException' });
  });

  it.each<[what: string, stack: string, options: Options, message: string]>([
    ['an update of a stack that is not there', 'nobody', {}, 'Stack [nobody] does not exist'],
    ['a creation of one that is', 'there', { ChangeSetType: 'CREATE' }, 'Stack [there] already exists'],
    ['a template given twice', 'there', { TemplateURL: 'http://x/y/z' }, 'Either Template URL or Template Body'],
    [
      'a template that is too large',
      'there',
      { TemplateBody: `{"a": "${'x'.repeat(51_200)}"}` },
      'at most 51200 are allowed',
    ],
    [
      'members that are not honoured',
      'there',
      { NotificationARNs: ['arn:x'] },
      'NotificationARNs of CreateChangeSet is not implemented',
    ],
  ])('is refused for %s', async (_what, stack, options, message) => {
    const { StackSummaries = [] } = await cloud.client.send(new ListStacksCommand({}));
    if (!StackSummaries.some(({ StackName }) => StackName === 'there'))
      await cloud.deploy('there', { Resources: { A: parameter('1') } });
    await expect(create(stack, { Resources: { A: parameter('2') } }, options)).rejects.toThrow(message);
  });
});

describe('parameters', () => {
  const template = {
    Parameters: {
      Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/bootstrap/version' },
      Secret: { Type: 'String', NoEcho: true },
    },
    Rules: {
      Check: {
        Assertions: [
          {
            Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2'], { Ref: 'Version' }] }] },
            AssertDescription: 'version 3 required',
          },
        ],
      },
    },
    Resources: { A: parameter({ Ref: 'Version' }) },
  };
  const Parameters = [{ ParameterKey: 'Secret', ParameterValue: 'hush' }];

  it('are read from SSM, checked by the rules, and hidden where they are to be', async () => {
    const ssm = new SSMClient(cloud.operator);
    await expect(cloud.deploy('rules', template, { Parameters })).rejects.toThrow(
      'Unable to fetch parameters [/bootstrap/version] from parameter store for this account.',
    );
    await ssm.send(new PutParameterCommand({ Name: '/bootstrap/version', Value: '2', Type: 'String' }));
    await expect(cloud.deploy('rules', template, { Parameters })).rejects.toThrow(
      'Rule Check does not hold: version 3 required',
    );
    await ssm.send(
      new PutParameterCommand({ Name: '/bootstrap/version', Value: '33', Type: 'String', Overwrite: true }),
    );
    const stack = await cloud.deploy('rules', template, { Parameters });
    expect(stack.Parameters).toEqual([
      { ParameterKey: 'Version', ParameterValue: '/bootstrap/version', ResolvedValue: '33' },
      { ParameterKey: 'Secret', ParameterValue: '****' },
    ]);
    expect(JSON.stringify(await cloud.events('rules'))).not.toContain('hush');
  });
});

describe('a template', () => {
  it('comes back as it was given', async () => {
    const text =
      'Resources:\n  A:\n    Type: AWS::SSM::Parameter\n    Properties: { Type: String, Value: !Sub "${AWS::Region}" }\n';
    await cloud.deploy('yaml', {}, { TemplateBody: text });
    expect((await cloud.client.send(new GetTemplateCommand({ StackName: 'yaml' }))).TemplateBody).toBe(text);
  });

  it('is read from a bucket, as the caller', async () => {
    const s3 = new S3Client({ ...cloud.operator, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'templates' }));
    const Body = JSON.stringify({ Resources: { A: parameter('1') } });
    await s3.send(new PutObjectCommand({ Bucket: 'templates', Key: 'a/b c.json', Body }));
    const TemplateURL = `${cloud.operator.endpoint}/templates/a/b%20c.json`;
    const stack = await cloud.deploy('from-s3', {}, { TemplateBody: undefined, TemplateURL });
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');

    const reader = await cloud.role('template-reader', [{ Action: 'cloudformation:*', Resource: '*' }]);
    const { CloudFormationClient } = await import('@aws-sdk/client-cloudformation');
    const denied = new CloudFormationClient(reader).send(new GetTemplateSummaryCommand({ TemplateURL }));
    await expect(denied).rejects.toThrow(
      'is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::templates/a/b c.json',
    );
  });

  it('that makes identities wants the caller to know', async () => {
    const role = (properties: object) => ({ Resources: { R: { Type: 'AWS::IAM::Role', Properties: properties } } });
    const named = role({ RoleName: 'x', AssumeRolePolicyDocument: {} });
    await expect(cloud.deploy('iam', named, { Capabilities: ['CAPABILITY_IAM'] })).rejects.toMatchObject({
      name: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_NAMED_IAM]',
    });
    const { Capabilities, CapabilitiesReason, ResourceTypes } = await cloud.client.send(
      new GetTemplateSummaryCommand({ TemplateBody: JSON.stringify(role({ AssumeRolePolicyDocument: {} })) }),
    );
    expect({ Capabilities, CapabilitiesReason, ResourceTypes }).toEqual({
      Capabilities: ['CAPABILITY_IAM'],
      CapabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
      ResourceTypes: ['AWS::IAM::Role'],
    });
  });

  it.each<[Template, string]>([
    [
      { Resources: { A: parameter({ Ref: 'B' }) } },
      'Unresolved resource dependencies [B] in the Resources block of the template',
    ],
    [{ Resources: { A: parameter('1', {}, { DependsOn: 'B' }) } }, 'Unresolved resource dependencies [B]'],
    [
      { Resources: { A: parameter({ Ref: 'B' }), B: parameter({ Ref: 'A' }) } },
      'Circular dependency between resources: [A, B]',
    ],
    [
      { Resources: { A: parameter('1') }, Outputs: { O: { Value: { Ref: 'B' } } } },
      'in the Outputs block of the template',
    ],
    [{ Resources: { A: parameter('1', {}, { Condition: 'C' }) } }, 'unresolved condition C'],
    [
      {
        Conditions: { C: { Condition: 'D' }, D: { Condition: 'C' } },
        Resources: { A: parameter('1', {}, { Condition: 'C' }) },
      },
      'the condition C depends on itself',
    ],
  ])('that makes no sense is refused: %j', async (template, message) => {
    await expect(cloud.deploy('nonsense', template)).rejects.toThrow(message);
    await expect(cloud.client.send(new DescribeStacksCommand({ StackName: 'nonsense' }))).rejects.toThrow(
      'does not exist',
    );
  });

  it('leaves out what its conditions leave out, with what only that needs', async () => {
    const stack = await cloud.deploy('conditions', {
      Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
      Resources: {
        Hidden: parameter('1', {}, { Condition: 'Never' }),
        Shown: parameter({ 'Fn::If': ['Never', { Ref: 'Hidden' }, 'plain'] }, {}, { DependsOn: 'Hidden' }),
      },
      Outputs: {
        Hidden: { Condition: 'Never', Value: { Ref: 'Hidden' } },
        Shown: { Value: { 'Fn::GetAtt': 'Shown.Value' } },
      },
    });
    expect(stack.Outputs?.map(({ OutputKey, OutputValue }) => `${OutputKey} ${OutputValue}`)).toEqual(['Shown plain']);
  });
});
