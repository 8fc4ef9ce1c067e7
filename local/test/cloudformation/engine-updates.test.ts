import {
  ContinueUpdateRollbackCommand,
  type DeploymentConfig,
  RollbackStackCommand,
} from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { custom, fail, parameter, succeed } from './start-cloudformation.ts';
import { cloud, resourcesOf, useEngineCloud, valueOf } from './engine-cloud.ts';

useEngineCloud();

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

  // User Guide, cloudformation-express-mode, "Rollback behavior".
  it('is not rolled back in express mode, unless that says so', async () => {
    const bad = { Resources: { Good: parameter('1'), Bad: parameter('', {}, { DependsOn: 'Good' }) } };
    const deploy = async (name: string, DeploymentConfig: DeploymentConfig) =>
      (await cloud.deploy(name, bad, { DeploymentConfig })).StackStatus;
    expect(await deploy('express', { Mode: 'EXPRESS' })).toBe('CREATE_FAILED');
    expect(await deploy('express', { Mode: 'EXPRESS' })).toBe('UPDATE_FAILED');
    expect(await deploy('express-back', { Mode: 'EXPRESS', DisableRollback: false })).toBe('ROLLBACK_COMPLETE');
    expect(await deploy('standard', { Mode: 'STANDARD' })).toBe('ROLLBACK_COMPLETE');
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
