import { ContinueUpdateRollbackCommand, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type TestCloud, custom, parameter, startCloudFormation, succeed } from './start-cloudformation.ts';

const valueOf = (cloud: TestCloud, Name: string) =>
  new SSMClient(cloud.operator).send(new GetParameterCommand({ Name })).then(
    ({ Parameter }) => Parameter?.Value,
    () => undefined,
  );

/** Starts a cloud over the same folder again and again, and stops the last one when the test ends. */
function restarting(): (again?: TestCloud) => Promise<TestCloud> {
  const folder = temporaryFolder();
  let running: TestCloud | undefined;
  onTestFinished(() => running?.stop());
  return async (again) => {
    await again?.stop();
    return (running = await startCloudFormation(folder));
  };
}

/** Begins a deployment that does not end, since its custom resource never answers, and stops the cloud meanwhile. */
async function interrupt(cloud: TestCloud, begin: () => Promise<unknown>): Promise<void> {
  const asked = new Promise<void>((resolve) => cloud.onInvoke(() => resolve()));
  // Its wait for the end fails when the cloud is gone.
  const deployment = begin().catch(() => {});
  await asked;
  await cloud.stop();
  await deployment;
}

it('stacks, deleted ones too, with events and resources, outlive the cloud', async () => {
  const start = restarting();
  let cloud = await start();
  const kept = await cloud.deploy('kept', {
    Resources: { A: parameter('1', { Name: '/kept' }) },
    Outputs: { O: { Value: '1' } },
  });
  const gone = await cloud.deploy('gone', { Resources: { A: parameter('1') } });
  const deleted = await cloud.destroy(gone);
  const story = await cloud.story('kept');

  cloud = await start(cloud);
  expect(await cloud.settled('kept')).toEqual(kept);
  expect(await cloud.settled(gone.StackId)).toEqual(deleted);
  expect(await cloud.story('kept')).toEqual(story);
  const updated = await cloud.deploy('kept', { Resources: { A: parameter('2', { Name: '/kept' }) } });
  expect(updated.StackStatus).toBe('UPDATE_COMPLETE');
  expect(await valueOf(cloud, '/kept')).toBe('2');
  const times = (await cloud.events('kept')).map(({ Timestamp }) => Timestamp?.getTime() ?? NaN);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

it('a creation that was cut off has failed, and what it had made can be deleted', async () => {
  const start = restarting();
  let cloud = await start();
  await interrupt(cloud, () =>
    cloud.deploy('cut', { Resources: { A: parameter('1', { Name: '/cut' }), B: custom({}, { DependsOn: 'A' }) } }),
  );
  cloud = await start();
  const stack = await cloud.settled('cut');
  expect(stack).toMatchObject({
    StackStatus: 'ROLLBACK_FAILED',
    StackStatusReason: 'The local cloud was stopped during the operation.',
  });
  expect((await cloud.story('cut')).slice(-2)).toEqual(['B CREATE_FAILED', 'cut ROLLBACK_FAILED']);
  expect((await cloud.destroy(stack)).StackStatus).toBe('DELETE_COMPLETE');
  expect(await valueOf(cloud, '/cut')).toBeUndefined();
  // The function may have made something before it was cut off.
  expect(cloud.invocations).toMatchObject([
    { RequestType: 'Delete', PhysicalResourceId: expect.stringMatching(/^cut-B-[A-Z0-9]{12}$/) as string },
  ]);
});

it('an update that was cut off can be brought back', async () => {
  const start = restarting();
  let cloud = await start();
  const template = (n: number) => ({
    Resources: {
      Changed: parameter(`${n}`, { Name: '/update' }),
      Replaced: parameter('1', { Name: `/replaced/${n}` }),
      Thing: custom({ n }, { DependsOn: ['Changed', 'Replaced'] }),
    },
  });
  await cloud.deploy('update', template(1));
  await interrupt(cloud, () => cloud.deploy('update', template(2)));
  cloud = await start();
  expect((await cloud.settled('update')).StackStatus).toBe('UPDATE_ROLLBACK_FAILED');
  await cloud.client.send(new ContinueUpdateRollbackCommand({ StackName: 'update' }));
  expect((await cloud.settled('update')).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await valueOf(cloud, '/update')).toBe('1');
  expect(await valueOf(cloud, '/replaced/1')).toBe('1');
  expect(await valueOf(cloud, '/replaced/2')).toBeUndefined();
  expect(cloud.invocations).toMatchObject([
    { RequestType: 'Update', ResourceProperties: { n: '1' }, OldResourceProperties: { n: '2' } },
  ]);
});

it('a clean-up that was cut off is done by the next operation', async () => {
  const start = restarting();
  let cloud = await start();
  await cloud.deploy('clean', { Resources: { A: parameter('1'), Old: custom() } });
  await interrupt(cloud, () => cloud.deploy('clean', { Resources: { A: parameter('1') } }));
  cloud = await start();
  expect((await cloud.settled('clean')).StackStatus).toBe('UPDATE_COMPLETE');
  cloud.onInvoke((event) => succeed(event));
  await cloud.deploy('clean', { Resources: { A: parameter('2') } });
  expect(cloud.invocations).toMatchObject([{ RequestType: 'Delete', LogicalResourceId: 'Old' }]);
  const { StackResources = [] } = await cloud.client.send(new DescribeStackResourcesCommand({ StackName: 'clean' }));
  expect(StackResources.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['A']);
});

it('a deletion that was cut off can be asked for again', async () => {
  const start = restarting();
  let cloud = await start();
  const stack = await cloud.deploy('delete', { Resources: { A: custom() } });
  await interrupt(cloud, () => cloud.destroy(stack));
  cloud = await start();
  expect((await cloud.settled('delete')).StackStatus).toBe('DELETE_FAILED');
  expect((await cloud.destroy(stack)).StackStatus).toBe('DELETE_COMPLETE');
});
