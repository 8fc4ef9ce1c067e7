import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  ContinueUpdateRollbackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  RollbackStackCommand,
} from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestCloud, custom, fail, parameter, startCloudFormation, succeed } from './start-cloudformation.ts';

let cloud: TestCloud;
let ssm: SSMClient;

beforeAll(async () => {
  cloud = await startCloudFormation();
  ssm = new SSMClient(cloud.operator);
});
afterAll(() => cloud.stop());

const valueOf = async (Name: string): Promise<string | undefined> =>
  ssm.send(new GetParameterCommand({ Name })).then(
    ({ Parameter }) => Parameter?.Value,
    () => undefined,
  );
const resourcesOf = async (StackName: string | undefined) =>
  (await cloud.client.send(new DescribeStackResourcesCommand({ StackName }))).StackResources ?? [];

describe('creating a stack', () => {
  it('makes resources in the order of their dependencies and gives their outputs', async () => {
    const stack = await cloud.deploy('create', {
      Resources: {
        Second: parameter({ 'Fn::Sub': 'from ${First}' }, { Name: '/create/second' }),
        First: parameter('1', { Name: '/create/first' }),
        Third: parameter('3', { Name: '/create/third' }, { DependsOn: 'Second' }),
      },
      Outputs: { Value: { Value: { 'Fn::GetAtt': ['Second', 'Value'] }, Description: 'of the second' } },
    });
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    expect(stack.Outputs).toEqual([
      { OutputKey: 'Value', OutputValue: 'from /create/first', Description: 'of the second' },
    ]);
    expect(await cloud.story('create')).toEqual([
      'create CREATE_IN_PROGRESS',
      'First CREATE_IN_PROGRESS',
      'First CREATE_COMPLETE',
      'Second CREATE_IN_PROGRESS',
      'Second CREATE_COMPLETE',
      'Third CREATE_IN_PROGRESS',
      'Third CREATE_COMPLETE',
      'create CREATE_COMPLETE',
    ]);
  });

  it('makes independent resources side by side', async () => {
    const waiting: (() => void)[] = [];
    // Neither is answered before both have been asked for.
    cloud.onInvoke((event) => {
      waiting.push(() => void succeed(event));
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    const stack = await cloud.deploy('parallel', { Resources: { A: custom(), B: custom() } });
    cloud.onInvoke((event) => succeed(event));
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  });

  it('waits for many custom resources at once without a warning of Node.js', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const names = Array.from({ length: 30 }, (_, n) => `Thing${n}`);
    const waiting: (() => void)[] = [];
    cloud.onInvoke((event) => {
      waiting.push(() => void succeed(event));
      if (waiting.length === names.length) for (const answer of waiting) answer();
    });
    const stack = await cloud.deploy('many', { Resources: Object.fromEntries(names.map((name) => [name, custom()])) });
    cloud.onInvoke((event) => succeed(event));
    process.off('warning', onWarning);
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    expect(warnings).toEqual([]);
  });

  it('tells its own events by the id of the stack, and no two by the same time', async () => {
    const stack = await cloud.deploy('events', {
      Resources: Object.fromEntries([...'ABCDEFGH'].map((id) => [id, parameter('x')])),
    });
    const events = await cloud.events('events');
    const own = events.filter(({ LogicalResourceId }) => LogicalResourceId === 'events');
    expect(own.length).toBeGreaterThan(1);
    for (const { PhysicalResourceId, StackId } of own) {
      expect(PhysicalResourceId).toBe(stack.StackId);
      expect(StackId).toBe(stack.StackId);
    }
    const times = events.map(({ Timestamp }) => Timestamp?.getTime() ?? NaN);
    expect(times.every((time, index) => index === 0 || time > (times[index - 1] ?? NaN))).toBe(true);
    expect(new Set(events.map(({ EventId }) => EventId)).size).toBe(events.length);
  });

  it('makes names up, from stack and resource', async () => {
    const stack = await cloud.deploy('names', { Resources: { Unnamed: parameter('x') } });
    const [resource] = await resourcesOf(stack.StackId);
    expect(resource?.PhysicalResourceId).toMatch(/^names-Unnamed-[A-Z0-9]{12}$/);
  });

  it('deletes what it has made when something fails', async () => {
    const stack = await cloud.deploy('failing', {
      Resources: {
        Good: parameter('x', { Name: '/failing/good' }),
        Kept: parameter('x', { Name: '/failing/kept' }, { DeletionPolicy: 'Retain' }),
        KeptLater: parameter('x', { Name: '/failing/later' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
        Bad: parameter('', { Name: '/failing/bad' }, { DependsOn: ['Good', 'Kept', 'KeptLater'] }),
        Never: parameter('x', { Name: '/failing/never' }, { DependsOn: 'Bad' }),
      },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const events = await cloud.events('failing');
    expect(events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')).toMatchObject({
      LogicalResourceId: 'Bad',
      ResourceStatusReason: 'ValidationException: Value must have a length of at least 1.',
    });
    expect(events.find(({ ResourceStatus }) => ResourceStatus === 'ROLLBACK_IN_PROGRESS')?.ResourceStatusReason).toBe(
      'The following resource(s) failed to create: [Bad]. Rollback requested by user.',
    );
    const story = await cloud.story('failing');
    expect(story).toContain('Kept DELETE_SKIPPED');
    expect(story.some((line) => line.startsWith('Never'))).toBe(false);
    expect(await valueOf('/failing/good')).toBeUndefined();
    expect(await valueOf('/failing/later')).toBeUndefined();
    expect(await valueOf('/failing/kept')).toBe('x');
    expect(await resourcesOf(stack.StackId)).toEqual([]);
  });

  it('leaves a failure alone, or deletes the stack, as the caller wishes', async () => {
    const template = {
      Resources: { Good: parameter('x', { Name: '/wish' }), Bad: parameter('', {}, { DependsOn: 'Good' }) },
    };
    const left = await cloud.deploy('left', template, { OnFailure: 'DO_NOTHING' });
    expect(left.StackStatus).toBe('CREATE_FAILED');
    expect(await valueOf('/wish')).toBe('x');
    expect((await cloud.destroy(left)).StackStatus).toBe('DELETE_COMPLETE');
    const gone = await cloud.deploy('gone', template, { OnFailure: 'DELETE' });
    expect(gone.StackStatus).toBe('DELETE_COMPLETE');
    expect(await valueOf('/wish')).toBeUndefined();
  });

  it('does nothing at all for a template that cannot succeed', async () => {
    const stack = await cloud.deploy('hopeless', {
      Resources: {
        Good: parameter('x', { Name: '/hopeless' }),
        Typo: parameter('x', { Nmae: 'x' }),
        Unknown: { Type: 'AWS::IoT::Nonsense' },
        Later: { Type: 'AWS::SNS::Topic' },
        Missing: { Type: 'AWS::IoT::Policy', Properties: {} },
        Wrong: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: 'soon' } },
        Unhonoured: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
        Attribute: parameter({ 'Fn::GetAtt': ['Good', 'Colour'] }),
      },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const reasons = (await cloud.events('hopeless'))
      .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
      .map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
    expect(reasons).toEqual([
      expect.stringMatching(
        /^Typo: Encountered unsupported property Nmae of AWS::SSM::Parameter; it has AllowedPattern, /,
      ),
      'Unknown: Unrecognized resource type: AWS::IoT::Nonsense',
      'Later: AWS::SNS::Topic is not implemented by the local cloud',
      'Missing: Property PolicyDocument of AWS::IoT::Policy is required',
      'Wrong: Value of property DelaySeconds of AWS::SQS::Queue must be of type Integer',
      'Unhonoured: property FifoQueue of AWS::SQS::Queue is not implemented by the local cloud',
      expect.stringMatching(
        /^Attribute: Requested attribute Colour of Good \(by Attribute\) does not exist in AWS::SSM::Parameter/,
      ),
    ]);
    expect(await cloud.story('hopeless')).not.toContain('Good CREATE_IN_PROGRESS');
  });
});

describe('updating a stack', () => {
  const of = (first: object, more: object = {}) => ({ Resources: { First: first, ...more } });

  it('changes in place what AWS changes in place, and touches nothing else', async () => {
    await cloud.deploy('place', of(parameter('1', { Name: '/place' }), { Other: parameter('o') }));
    const [before] = await resourcesOf('place');
    const stack = await cloud.deploy('place', of(parameter('2', { Name: '/place' }), { Other: parameter('o') }));
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(await valueOf('/place')).toBe('2');
    const [after] = await resourcesOf('place');
    expect(after?.PhysicalResourceId).toBe(before?.PhysicalResourceId);
    expect((await cloud.story('place')).slice(-5)).toEqual([
      'place UPDATE_IN_PROGRESS',
      'First UPDATE_IN_PROGRESS',
      'First UPDATE_COMPLETE',
      'place UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'place UPDATE_COMPLETE',
    ]);
  });

  it('replaces what AWS replaces: the new one first, then what depends on it, the old one last', async () => {
    const template = (Name: string) =>
      of(parameter('1', { Name }), { User: parameter({ Ref: 'First' }, { Name: '/swap/user' }) });
    await cloud.deploy('swap', template('/swap/old'));
    await cloud.deploy('swap', template('/swap/new'));
    expect(await valueOf('/swap/user')).toBe('/swap/new');
    expect(await valueOf('/swap/old')).toBeUndefined();
    expect((await cloud.story('swap')).slice(-9)).toEqual([
      'swap UPDATE_IN_PROGRESS',
      'First UPDATE_IN_PROGRESS',
      'First UPDATE_COMPLETE',
      'User UPDATE_IN_PROGRESS',
      'User UPDATE_COMPLETE',
      'swap UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'First DELETE_IN_PROGRESS',
      'First DELETE_COMPLETE',
      'swap UPDATE_COMPLETE',
    ]);
  });

  it('keeps the old one where UpdateReplacePolicy says so, and what leaves the template by its DeletionPolicy', async () => {
    const kept = (Name: string) => parameter('1', { Name }, { UpdateReplacePolicy: 'Retain' });
    const leaving = parameter('1', { Name: '/retain/leaving' }, { DeletionPolicy: 'Retain' });
    await cloud.deploy(
      'retain',
      of(kept('/retain/old'), { Leaving: leaving, Gone: parameter('1', { Name: '/retain/gone' }) }),
    );
    await cloud.deploy('retain', of(kept('/retain/new')));
    expect(await valueOf('/retain/old')).toBe('1');
    expect(await valueOf('/retain/new')).toBe('1');
    expect(await valueOf('/retain/leaving')).toBe('1');
    expect(await valueOf('/retain/gone')).toBeUndefined();
    const story = await cloud.story('retain');
    expect(story).toContain('First DELETE_SKIPPED');
    expect(story).toContain('Leaving DELETE_SKIPPED');
  });

  it('refuses to replace what has a name of its own and would keep it', async () => {
    const role = (Path: string) => ({
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: 'custom-named',
        Path,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
        },
      },
    });
    await cloud.deploy('rename', of(role('/a/')));
    const stack = await cloud.deploy('rename', of(role('/b/')));
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    const failed = (await cloud.events('rename')).find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED');
    expect(failed?.ResourceStatusReason).toContain('Rename custom-named and update the stack again.');
    expect((await resourcesOf('rename'))[0]?.ResourceStatus).toBe('UPDATE_COMPLETE');
  });

  it('says so when there is nothing to do', async () => {
    const template = of(parameter('1'));
    await cloud.deploy('same', template);
    await expect(cloud.deploy('same', template)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
  });

  it('reports and gives up what cannot be deleted afterwards', async () => {
    cloud.onInvoke((event) => (event.RequestType === 'Delete' ? fail(event) : succeed(event)));
    await cloud.deploy(
      'orphan',
      of(parameter('1'), {
        Bad: custom({}, { DependsOn: 'Behind' }),
        Behind: parameter('1', { Name: '/orphan' }),
      }),
    );
    const stack = await cloud.deploy('orphan', of(parameter('1')));
    cloud.onInvoke((event) => succeed(event));
    expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
    expect(await cloud.story('orphan')).toContain('Bad DELETE_FAILED');
    expect(await valueOf('/orphan')).toBeUndefined();
    expect((await resourcesOf('orphan')).map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['First']);
  });
});

describe('a failing update', () => {
  const failing = { Bad: parameter('', {}, { DependsOn: ['Changed', 'Replaced', 'Added'] }) };
  const before = {
    Changed: parameter('1', { Name: '/back/changed' }),
    Replaced: parameter('1', { Name: '/back/old' }),
    Removed: parameter('1', { Name: '/back/removed' }),
  };
  const after = {
    Changed: parameter('2', { Name: '/back/changed' }),
    Replaced: parameter('1', { Name: '/back/new' }),
    Added: parameter('1', { Name: '/back/added' }),
  };

  it('brings everything back and removes what it had made', async () => {
    await cloud.deploy('back', { Resources: before, Outputs: { Out: { Value: { Ref: 'Replaced' } } } });
    const resources = await resourcesOf('back');
    const stack = await cloud.deploy('back', {
      Resources: { ...after, ...failing },
      Outputs: { Out: { Value: 'other' } },
    });
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(stack.Outputs).toEqual([{ OutputKey: 'Out', OutputValue: '/back/old' }]);
    expect(
      await Promise.all(['changed', 'old', 'removed', 'new', 'added'].map((name) => valueOf(`/back/${name}`))),
    ).toEqual(['1', '1', '1', undefined, undefined]);
    const ids = (list: typeof resources) => list.map((r) => `${r.LogicalResourceId} ${r.PhysicalResourceId}`).sort();
    expect(ids(await resourcesOf('back'))).toEqual(ids(resources));
    const story = await cloud.story('back');
    const rollback = story.slice(story.indexOf('back UPDATE_ROLLBACK_IN_PROGRESS'));
    expect(rollback.indexOf('Changed UPDATE_COMPLETE')).toBeGreaterThan(0);
    expect(rollback.indexOf('Added DELETE_COMPLETE')).toBeGreaterThan(
      rollback.indexOf('back UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'),
    );
    expect(rollback.at(-1)).toBe('back UPDATE_ROLLBACK_COMPLETE');
    // And from there the next update works.
    expect((await cloud.deploy('back', { Resources: after })).StackStatus).toBe('UPDATE_COMPLETE');
    expect(await valueOf('/back/new')).toBe('1');
  });

  it('stays as it is without rollback, and goes on from there or back', async () => {
    const first = { Changed: parameter('1', { Name: '/paused' }) };
    const second = { Changed: parameter('2', { Name: '/paused' }), Bad: parameter('', {}, { DependsOn: 'Changed' }) };
    await cloud.deploy('paused', { Resources: first });
    const paused = await cloud.deploy('paused', { Resources: second }, { DisableRollback: true });
    expect(paused.StackStatus).toBe('UPDATE_FAILED');
    expect(await valueOf('/paused')).toBe('2');
    await expect(cloud.deploy('paused', { Resources: first })).rejects.toThrow('non-terminal [UPDATE_FAILED] state');
    await cloud.client.send(new RollbackStackCommand({ StackName: 'paused' }));
    expect((await cloud.settled('paused')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await valueOf('/paused')).toBe('1');
    await cloud.deploy('paused', { Resources: second }, { DisableRollback: true });
    const mended = { ...second, Bad: parameter('good') };
    expect((await cloud.deploy('paused', { Resources: mended }, { DisableRollback: true })).StackStatus).toBe(
      'UPDATE_COMPLETE',
    );
  });

  it('of a stack that has never been complete leads back to nothing', async () => {
    const template = { Good: parameter('1', { Name: '/never' }), Bad: parameter('', {}, { DependsOn: 'Good' }) };
    const created = await cloud.deploy('never', { Resources: template }, { DisableRollback: true });
    expect(created.StackStatus).toBe('CREATE_FAILED');
    const updated = await cloud.deploy(
      'never',
      { Resources: { ...template, More: parameter('1') } },
      { DisableRollback: true },
    );
    expect(updated.StackStatus).toBe('UPDATE_FAILED');
    await cloud.client.send(new RollbackStackCommand({ StackName: 'never' }));
    expect((await cloud.settled('never')).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await valueOf('/never')).toBeUndefined();
  });

  it('can be brought back later when that fails too, or without the resource that will not', async () => {
    const template = (n: number) => ({
      Resources: { Stubborn: custom({ n }), Changed: parameter(`${n}`, { Name: '/stubborn' }) },
    });
    await cloud.deploy('stubborn', template(1));
    cloud.onInvoke((event) => fail(event));
    expect((await cloud.deploy('stubborn', template(2))).StackStatus).toBe('UPDATE_ROLLBACK_FAILED');
    await cloud.client.send(new ContinueUpdateRollbackCommand({ StackName: 'stubborn' }));
    expect((await cloud.settled('stubborn')).StackStatus).toBe('UPDATE_ROLLBACK_FAILED');
    await cloud.client.send(
      new ContinueUpdateRollbackCommand({ StackName: 'stubborn', ResourcesToSkip: ['Stubborn'] }),
    );
    expect((await cloud.settled('stubborn')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await valueOf('/stubborn')).toBe('1');
    cloud.onInvoke((event) => succeed(event));
  });
});

describe('deleting a stack', () => {
  it('deletes what depends before what it depends on, and answers for the stack by its ARN from then on', async () => {
    const stack = await cloud.deploy('away', {
      Resources: { Base: parameter('1', { Name: '/away' }), User: parameter({ Ref: 'Base' }) },
    });
    expect((await cloud.destroy(stack)).StackStatus).toBe('DELETE_COMPLETE');
    expect((await cloud.story(stack.StackId)).slice(-5)).toEqual([
      'User DELETE_IN_PROGRESS',
      'User DELETE_COMPLETE',
      'Base DELETE_IN_PROGRESS',
      'Base DELETE_COMPLETE',
      'away DELETE_COMPLETE',
    ]);
    await expect(cloud.client.send(new DescribeStacksCommand({ StackName: 'away' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id away does not exist',
    });
    await expect(cloud.events('away')).rejects.toMatchObject({ message: 'Stack [away] does not exist' });
    expect((await cloud.deploy('away', { Resources: { Base: parameter('1') } })).StackId).not.toBe(stack.StackId);
  });

  it('stops at what cannot be deleted, keeps what that depends on, and can be told to leave it', async () => {
    cloud.onInvoke((event) => (event.RequestType === 'Delete' ? fail(event) : succeed(event)));
    const stack = await cloud.deploy('stuck', {
      Resources: {
        Base: parameter('1', { Name: '/stuck' }),
        Top: custom({}, { DependsOn: 'Base' }),
        Free: parameter('1'),
      },
    });
    const failed = await cloud.destroy(stack);
    expect(failed).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [Top].',
    });
    expect(await valueOf('/stuck')).toBe('1');
    expect((await resourcesOf('stuck')).map(({ LogicalResourceId }) => LogicalResourceId).sort()).toEqual([
      'Base',
      'Top',
    ]);
    expect((await cloud.destroy(stack, { RetainResources: ['Top'] })).StackStatus).toBe('DELETE_COMPLETE');
    expect(await valueOf('/stuck')).toBeUndefined();
    cloud.onInvoke((event) => succeed(event));
  });

  it('is refused while the stack is protected', async () => {
    const stack = await cloud.deploy(
      'safe',
      { Resources: { A: parameter('1') } },
      { EnableTerminationProtection: true },
    );
    await expect(cloud.destroy(stack)).rejects.toThrow('cannot be deleted while TerminationProtection is enabled');
  });
});

describe('exports', () => {
  const exporting = (value: string, Name = 'shared') => ({
    Resources: { A: parameter(value) },
    Outputs: { Out: { Value: value, Export: { Name } } },
  });
  const importing = { Resources: { B: parameter({ 'Fn::ImportValue': 'shared' }, { Name: '/imported' }) } };

  it('are imported, belong to one stack, and stay as long as they are used', async () => {
    const exporter = await cloud.deploy('exporter', exporting('v1'));
    const importer = await cloud.deploy('importer', importing);
    expect(await valueOf('/imported')).toBe('v1');

    const taken = await cloud.deploy('taker', exporting('v2'));
    expect(taken.StackStatus).toBe('ROLLBACK_COMPLETE');
    const reason = (await cloud.events('taker')).find(
      ({ ResourceStatus }) => ResourceStatus === 'ROLLBACK_IN_PROGRESS',
    );
    expect(reason?.ResourceStatusReason).toContain('Export with name shared is already exported by stack exporter.');

    expect((await cloud.deploy('exporter', exporting('v2'))).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await cloud.deploy('exporter', exporting('v1', 'renamed'))).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await cloud.destroy(exporter)).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'Export shared cannot be deleted as it is in use by importer',
    });
    await cloud.destroy(importer);
    expect((await cloud.destroy(exporter)).StackStatus).toBe('DELETE_COMPLETE');
  });

  it('that no stack has fail the template that wants one', async () => {
    await expect(
      cloud.deploy('lonely', { Resources: { B: parameter({ 'Fn::ImportValue': 'nowhere' }) } }),
    ).rejects.toThrow('No export named nowhere found.');
  });

  it('are not needed for the weak references of CDK', async () => {
    await cloud.deploy('source', { Resources: { A: parameter('1') }, Outputs: { Out: { Value: 'weak' } } });
    const reference = { 'Fn::GetStackOutput': { StackName: 'source', OutputName: 'Out' } };
    await cloud.deploy('reader', { Resources: { B: parameter(reference, { Name: '/weak' }) } });
    expect(await valueOf('/weak')).toBe('weak');
  });
});
