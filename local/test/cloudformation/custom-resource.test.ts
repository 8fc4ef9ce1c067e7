import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type CustomResourceEvent,
  FUNCTION_ARN,
  type TestCloud,
  answerTo,
  custom,
  fail,
  parameter,
  put,
  startCloudFormation,
  succeed,
} from './start-cloudformation.ts';

let cloud: TestCloud;
beforeAll(async () => (cloud = await startCloudFormation()));
afterAll(() => cloud.stop());
beforeEach(() => {
  cloud.invocations.length = 0;
  cloud.onInvoke((event) => succeed(event));
});

const one = (properties: object = {}, attributes: object = {}) => ({
  Resources: { Thing: custom(properties, attributes) },
});
const physicalId = async (StackName: string): Promise<string | undefined> =>
  (await cloud.client.send(new DescribeStackResourcesCommand({ StackName }))).StackResources?.[0]?.PhysicalResourceId;
const reasonOf = async (name: string, status = 'CREATE_FAILED'): Promise<string | undefined> =>
  (await cloud.events(name)).find((event) => event.ResourceStatus === status)?.ResourceStatusReason;
const asked = () =>
  cloud.invocations.map(({ RequestType, PhysicalResourceId }) => `${RequestType} ${PhysicalResourceId ?? ''}`);

describe('the request', () => {
  it('carries what CloudFormation sends, every value as text', async () => {
    const stack = await cloud.deploy('request', one({ n: 1, yes: true, list: [1, { deep: false }] }));
    expect(cloud.invocations).toEqual([
      {
        RequestType: 'Create',
        ResponseURL: expect.stringMatching(
          /^http:\/\/127\.0\.0\.1:\d+\/cloudformation-response\/[0-9a-f]{64}$/,
        ) as string,
        StackId: stack.StackId,
        RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        LogicalResourceId: 'Thing',
        ResourceType: 'Custom::Thing',
        ServiceToken: FUNCTION_ARN,
        ResourceProperties: { ServiceToken: FUNCTION_ARN, n: '1', yes: 'true', list: ['1', { deep: 'false' }] },
      },
    ]);
  });

  it('of an update carries the old properties and the physical id; of a deletion, the last properties', async () => {
    const stack = await cloud.deploy('life', one({ n: 1 }));
    await cloud.deploy('life', one({ n: 2 }));
    await cloud.destroy(stack);
    expect(asked()).toEqual(['Create ', 'Update physical-Thing', 'Delete physical-Thing']);
    expect(cloud.invocations[1]).toMatchObject({ ResourceProperties: { n: '2' }, OldResourceProperties: { n: '1' } });
    expect(cloud.invocations[2]).toMatchObject({ ResourceProperties: { n: '2' } });
    expect(new Set(cloud.invocations.map(({ ResponseURL }) => ResponseURL)).size).toBe(3);
  });

  it('is made as the principal of the stack, and fails as that fails', async () => {
    await cloud.role('deployer', [{ Action: ['ssm:*'], Resource: '*' }], ['cloudformation.amazonaws.com']);
    const stack = await cloud.deploy('denied', one(), { RoleARN: 'arn:aws:iam::000000000000:role/deployer' });
    // Nothing has run, so there is nothing to delete.
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasonOf('denied')).toContain(
      `assumed-role/deployer/AWSCloudFormation is not authorized to perform: lambda:InvokeFunction on resource: ${FUNCTION_ARN}`,
    );
  });

  it('goes to a Lambda function only', async () => {
    await cloud.deploy('topic', one({ ServiceToken: 'arn:aws:sns:us-east-1:000000000000:topic' }));
    expect(await reasonOf('topic')).toContain('a ServiceToken that is no Lambda function is not implemented');
  });

  it('is not sent again to another function', async () => {
    await cloud.deploy('token', one());
    const stack = await cloud.deploy('token', one({ ServiceToken: `${FUNCTION_ARN}-other` }));
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(asked()).toEqual(['Create ']);
    expect(await reasonOf('token', 'UPDATE_FAILED')).toBe('Modifying service token is not allowed.');
  });
});

describe('the answer', () => {
  it('gives the attributes and the physical id', async () => {
    cloud.onInvoke((event) => succeed(event, { PhysicalResourceId: 'mine', Data: { Colour: 'red' } }));
    const stack = await cloud.deploy('answer', {
      ...one(),
      Outputs: { Ref: { Value: { Ref: 'Thing' } }, Att: { Value: { 'Fn::GetAtt': ['Thing', 'Colour'] } } },
    });
    expect(stack.Outputs?.map(({ OutputValue }) => OutputValue)).toEqual(['mine', 'red']);
  });

  it('without an attribute that is used fails the stack', async () => {
    const stack = await cloud.deploy('lacking', {
      Resources: { Thing: custom(), User: parameter({ 'Fn::GetAtt': ['Thing', 'Colour'] }) },
    });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasonOf('lacking')).toBe("Vendor response doesn't contain Colour attribute in object Thing");
  });

  it('counts once: another one changes nothing', async () => {
    const statuses: number[] = [];
    cloud.onInvoke(async (event) => {
      statuses.push(await succeed(event, { PhysicalResourceId: 'first' }));
      statuses.push(await fail(event, { PhysicalResourceId: 'second' }));
    });
    await cloud.deploy('twice', one());
    expect(await physicalId('twice')).toBe('first');
    // As S3 does, until the URL expires.
    await expect.poll(() => statuses).toEqual([200, 200]);
  });

  it('has to come by PUT, without a content type, to a URL that was given out', async () => {
    let event: CustomResourceEvent | undefined;
    const statuses: number[] = [];
    cloud.onInvoke(async (received) => {
      event = received;
      statuses.push(await put(received, '{}', { 'content-type': 'application/json' }));
      statuses.push((await fetch(received.ResponseURL)).status);
      statuses.push(await put({ ...received, ResponseURL: `${received.ResponseURL.slice(0, -1)}x` }, '{}'));
      await succeed(received);
    });
    expect((await cloud.deploy('signed', one())).StackStatus).toBe('CREATE_COMPLETE');
    expect(statuses).toEqual([403, 403, 403]);
    expect(event).toBeDefined();
  });

  const body = (event: CustomResourceEvent, more: object) =>
    JSON.stringify({ Status: 'SUCCESS', ...answerTo(event), ...more });
  it.each<[what: string, answer: (event: CustomResourceEvent) => string, reason: string]>([
    ['no JSON', () => '{"Status": ', 'Invalid response object: the body is not JSON'],
    ['no object', () => '[]', 'Invalid response object: the body is not an object'],
    ['nothing', () => '', 'Invalid response object: the body is not JSON'],
    [
      'more than 4,096 bytes',
      (event) => body(event, { Data: { x: 'x'.repeat(4096) } }),
      'Response object is too long.',
    ],
    [
      'a strange status',
      (event) => body(event, { Status: 'OK' }),
      'Invalid response object: Status must be SUCCESS or FAILED',
    ],
    ['no physical id', (event) => body(event, { PhysicalResourceId: undefined }), 'Invalid PhysicalResourceId'],
    ['an empty physical id', (event) => body(event, { PhysicalResourceId: '' }), 'Invalid PhysicalResourceId'],
    [
      'a physical id over 1 KB',
      (event) => body(event, { PhysicalResourceId: 'x'.repeat(1025) }),
      'Invalid response object: PhysicalResourceId is over 1 KB',
    ],
    [
      'another request id',
      (event) => body(event, { RequestId: 'other' }),
      'Invalid response object: RequestId is not that of the request',
    ],
    [
      'another stack',
      (event) => body(event, { StackId: 'other' }),
      'Invalid response object: StackId is not that of the request',
    ],
    [
      'a reason of null',
      (event) => body(event, { Reason: null }),
      'Invalid response object: Reason must be of type String',
    ],
    [
      'data that is no object',
      (event) => body(event, { Data: 'x' }),
      'Invalid response object: Data must be an object',
    ],
    [
      'NoEcho as text',
      (event) => body(event, { NoEcho: 'true' }),
      'Invalid response object: NoEcho must be of type Boolean',
    ],
  ])('of %s fails the resource, which is deleted under an invented id', async (what, answer, reason) => {
    const name = `bad-${what.replace(/[^a-z0-9]/gi, '')}`;
    cloud.onInvoke((event) => (event.RequestType === 'Create' ? put(event, answer(event)) : succeed(event)));
    const stack = await cloud.deploy(name, one());
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasonOf(name)).toBe(reason);
    expect(asked()).toEqual(['Create ', expect.stringMatching(new RegExp(`^Delete ${name}-Thing-[A-Z0-9]{12}$`))]);
  });

  it('of 4,096 bytes is taken', async () => {
    cloud.onInvoke((event) => {
      const length = 4096 - Buffer.byteLength(body(event, { Data: { x: '' } }));
      return put(event, body(event, { Data: { x: 'x'.repeat(length) } }));
    });
    expect((await cloud.deploy('full', one())).StackStatus).toBe('CREATE_COMPLETE');
  });
});

describe('a failure', () => {
  it('to create is followed by a Delete with the id that came with it', async () => {
    cloud.onInvoke((event) =>
      event.RequestType === 'Create' ? fail(event, { PhysicalResourceId: 'half' }) : succeed(event),
    );
    expect((await cloud.deploy('half', one())).StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(asked()).toEqual(['Create ', 'Delete half']);
    expect(await reasonOf('half')).toMatch(
      /^Received response status \[FAILED\] from custom resource\. Message returned: it broke \(RequestId: [0-9a-f-]{36}\)$/,
    );
  });

  it('to answer in time is followed by a Delete with an invented id, and a late answer changes nothing', async () => {
    let late: CustomResourceEvent | undefined;
    cloud.onInvoke((event) => (event.RequestType === 'Create' ? (late = event) : succeed(event)));
    const stack = await cloud.deploy('slow', one({ ServiceTimeout: 1 }));
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(await reasonOf('slow')).toContain('did not receive a response from your Custom Resource within 1 seconds');
    expect(asked()).toEqual(['Create ', expect.stringMatching(/^Delete slow-Thing-[A-Z0-9]{12}$/)]);
    await succeed(late as CustomResourceEvent);
    expect((await cloud.settled(stack.StackId)).StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  it('elsewhere interrupts a creation, which is followed by a Delete with an invented id', async () => {
    const hanging = new Promise<void>((resolve) =>
      cloud.onInvoke((event) => {
        if (event.RequestType === 'Delete') return succeed(event);
        if (event.LogicalResourceId === 'Hanging') return resolve();
        return hanging.then(() => fail(event));
      }),
    );
    const stack = await cloud.deploy('cut', { Resources: { Hanging: custom(), Failing: custom() } });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    const failed = (await cloud.events('cut')).filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
    expect(failed.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Failing', 'Hanging']);
    expect(failed[1]?.ResourceStatusReason).toBe('Resource creation cancelled');
    expect(asked()).toContainEqual(expect.stringMatching(/^Delete cut-Hanging-[A-Z0-9]{12}$/));
  });

  it('elsewhere while the function is being invoked interrupts it too', async () => {
    cloud.onInvoke((event) => (event.RequestType === 'Delete' ? succeed(event) : undefined));
    const stack = await cloud.deploy('early', { Resources: { Hanging: custom(), Bad: parameter('') } });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
    expect(asked()).toEqual(['Create ', expect.stringMatching(/^Delete early-Hanging-[A-Z0-9]{12}$/)]);
  });

  it('to update is followed by an Update with old and new swapped', async () => {
    await cloud.deploy('swap', one({ n: 1 }));
    cloud.onInvoke((event) => (event.ResourceProperties.n === '2' ? fail(event) : succeed(event)));
    expect((await cloud.deploy('swap', one({ n: 2 }))).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(asked()).toEqual(['Create ', 'Update physical-Thing', 'Update physical-Thing']);
    expect(cloud.invocations[2]).toMatchObject({ ResourceProperties: { n: '1' }, OldResourceProperties: { n: '2' } });
  });

  it('elsewhere is followed by the same for an update that had succeeded', async () => {
    const bad = { Bad: parameter('', {}, { DependsOn: 'Thing' }) };
    await cloud.deploy('undo', one({ n: 1 }));
    const stack = await cloud.deploy('undo', { Resources: { Thing: custom({ n: 2 }), ...bad } });
    expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(asked()).toEqual(['Create ', 'Update physical-Thing', 'Update physical-Thing']);
    expect(cloud.invocations[2]).toMatchObject({ ResourceProperties: { n: '1' }, OldResourceProperties: { n: '2' } });
  });
});

describe('a physical id that changes', () => {
  const byNumber = (event: CustomResourceEvent) =>
    event.RequestType === 'Delete'
      ? succeed(event)
      : succeed(event, { PhysicalResourceId: `id-${event.ResourceProperties.n as string}` });

  it('means that the old one is deleted after the update', async () => {
    cloud.onInvoke(byNumber);
    await cloud.deploy('change', one({ n: 1 }));
    await cloud.deploy('change', one({ n: 2 }));
    expect(asked()).toEqual(['Create ', 'Update id-1', 'Delete id-1']);
    expect(cloud.invocations[2]).toMatchObject({ ResourceProperties: { n: '1' } });
    expect(await physicalId('change')).toBe('id-2');
    expect((await cloud.story('change')).slice(-4)).toEqual([
      'change UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'Thing DELETE_IN_PROGRESS',
      'Thing DELETE_COMPLETE',
      'change UPDATE_COMPLETE',
    ]);
  });

  it('means that the new one is deleted after a rollback', async () => {
    cloud.onInvoke(byNumber);
    await cloud.deploy('return', one({ n: 1 }));
    await cloud.deploy('return', {
      Resources: { Thing: custom({ n: 2 }), Bad: parameter('', {}, { DependsOn: 'Thing' }) },
    });
    expect(asked()).toEqual(['Create ', 'Update id-1', 'Update id-2', 'Delete id-2']);
    expect(await physicalId('return')).toBe('id-1');
  });

  it('with a failed update is deleted as well', async () => {
    cloud.onInvoke(byNumber);
    await cloud.deploy('failed', one({ n: 1 }));
    cloud.onInvoke((event) =>
      event.ResourceProperties.n === '2' && event.RequestType === 'Update'
        ? fail(event, { PhysicalResourceId: 'id-2' })
        : byNumber(event),
    );
    await cloud.deploy('failed', one({ n: 2 }));
    expect(asked()).toEqual(['Create ', 'Update id-1', 'Update id-2', 'Delete id-2']);
    expect(await physicalId('failed')).toBe('id-1');
  });

  it('and an old one that cannot be deleted is reported and given up', async () => {
    cloud.onInvoke((event) => (event.RequestType === 'Delete' ? fail(event) : byNumber(event)));
    await cloud.deploy('abandon', one({ n: 1 }));
    expect((await cloud.deploy('abandon', one({ n: 2 }))).StackStatus).toBe('UPDATE_COMPLETE');
    expect(await cloud.story('abandon')).toContain('Thing DELETE_FAILED');
    cloud.onInvoke(byNumber);
    cloud.invocations.length = 0;
    await cloud.deploy('abandon', one({ n: 3 }));
    expect(asked()).toEqual(['Update id-2', 'Delete id-2']);
  });
});

it('never lets an event, an answer or a URL into the log', async () => {
  cloud.onInvoke((event) => fail(event, { Reason: 'secret-reason', Data: { Secret: 'secret-data' } }));
  await cloud.deploy('quiet', one({ Secret: 'secret-property' }));
  expect(cloud.log.lines.length).toBeGreaterThan(0);
  const log = cloud.log.lines.join('\n');
  expect(log).not.toMatch(/secret-(data|property|reason)/);
  for (const { ResponseURL } of cloud.invocations) expect(log).not.toContain(ResponseURL.split('/').at(-1));
});
