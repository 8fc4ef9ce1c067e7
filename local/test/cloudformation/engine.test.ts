import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { custom, fail, parameter, succeed } from './start-cloudformation.ts';
import { cloud, resourcesOf, useEngineCloud, valueOf } from './engine-cloud.ts';

useEngineCloud();

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
        Later: { Type: 'AWS::Kinesis::Stream' },
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
      'Later: AWS::Kinesis::Stream is not implemented by the local cloud',
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
