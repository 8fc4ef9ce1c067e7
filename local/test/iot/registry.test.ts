import { describe, expect, it } from 'vitest';
import { createIot } from '../../src/iot/iot.ts';
import { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { quickPace } from '../../src/pace/pace.ts';
import { DEFAULT_READINGS } from '../../src/readings.ts';
import { State } from '../../src/state/state.ts';
import { ACCOUNT, arn } from './iot-cloud.ts';
import { cloud, document, name, refusedWith, useRegistryCloud } from './registry-cloud.ts';

useRegistryCloud();

describe('things', () => {
  it('are made, described, changed, listed and deleted', async () => {
    const made = await cloud.call<{ thingId: string }>('CreateThing', {
      thingName: name,
      attributePayload: { attributes: { board: 'esp8266' } },
    });
    expect(made).toEqual({ thingName: name, thingArn: arn(`thing/${name}`), thingId: made.thingId });
    await cloud.call('UpdateThing', {
      thingName: name,
      attributePayload: { attributes: { room: 'kitchen' }, merge: true },
      expectedVersion: 1,
    });
    await cloud.call('UpdateThing', { thingName: name, attributePayload: { attributes: { board: '' }, merge: true } });
    expect(await cloud.call('DescribeThing', { thingName: name })).toEqual({
      defaultClientId: name,
      thingName: name,
      thingArn: arn(`thing/${name}`),
      thingId: made.thingId,
      attributes: { room: 'kitchen' },
      version: 3,
    });
    expect(await cloud.call('ListThings', { attributeName: 'room', attributeValue: 'kitchen' })).toMatchObject({
      things: [{ thingName: name }],
    });
    const late = { thingName: name, attributePayload: { attributes: { room: 'hall' } }, expectedVersion: 2 };
    await expect(cloud.call('UpdateThing', late)).rejects.toMatchObject(refusedWith('VersionConflictException'));
    await expect(cloud.call('DeleteThing', { thingName: name, expectedVersion: 1 })).rejects.toMatchObject(
      refusedWith('VersionConflictException'),
    );
    await cloud.call('DeleteThing', { thingName: name });
    await cloud.call('DeleteThing', { thingName: name });
    await expect(cloud.call('DescribeThing', { thingName: name })).rejects.toMatchObject(
      refusedWith('ResourceNotFoundException'),
    );
  });

  it('can be made twice with the same attributes and not with others', async () => {
    const input = { thingName: name, attributePayload: { attributes: { a: '1', b: '2' } } };
    const first = await cloud.call('CreateThing', input);
    expect(await cloud.call('CreateThing', input)).toEqual(first);
    await expect(cloud.call('CreateThing', { thingName: name })).rejects.toMatchObject(
      refusedWith('ResourceAlreadyExistsException', name),
    );
  });

  it.each([
    [{ thingName: 'a b' }, 'InvalidRequestException', 'thingName "a b" is not of the form'],
    [{ thingName: 'x'.repeat(129) }, 'InvalidRequestException', 'not of the form'],
    [{ thingName: 'a', thingTypeName: 't' }, 'NotImplemented', 'thingTypeName of CreateThing'],
    [
      { thingName: 'a', attributePayload: { attributes: { 'a b': '1' } } },
      'InvalidRequestException',
      'attribute "a b"',
    ],
    [{ thingName: 'a', attributePayload: { attributes: { a: 'b c' } } }, 'InvalidRequestException', 'attribute "'],
    [
      { thingName: 'a', attributePayload: { attributes: { a: 'x'.repeat(801) } } },
      'InvalidRequestException',
      'attribute "',
    ],
    [
      { thingName: 'a', attributePayload: { attributes: { ['x'.repeat(129)]: '1' } } },
      'InvalidRequestException',
      'attribute "',
    ],
    [
      { thingName: 'a', attributePayload: { attributes: { a: '1', b: '1', c: '1', d: '1' } } },
      'InvalidRequestException',
      'at most 3 attributes',
    ],
  ])('are refused: %o', async (input, code, message) => {
    await expect(cloud.call('CreateThing', input)).rejects.toMatchObject(refusedWith(code, message));
  });

  it('are listed page by page, whatever is deleted in between', async () => {
    const names = ['page-a', 'page-b', 'page-c', 'page-d'];
    for (const thingName of names)
      await cloud.call('CreateThing', { thingName, attributePayload: { attributes: { paged: 'yes' } } });
    const list = (nextToken?: string): Promise<{ things: { thingName: string }[]; nextToken?: string }> =>
      cloud.call('ListThings', { maxResults: 2, attributeName: 'paged', attributeValue: 'yes', nextToken });
    const first = await list();
    expect(first.things.map(({ thingName }) => thingName)).toEqual(['page-a', 'page-b']);
    await cloud.call('DeleteThing', { thingName: 'page-b' });
    const second = await list(first.nextToken);
    expect(second.things.map(({ thingName }) => thingName)).toEqual(['page-c', 'page-d']);
    expect(second.nextToken).toBeUndefined();
    await expect(list('no token')).rejects.toMatchObject(refusedWith('InvalidRequestException', 'token'));
    await expect(cloud.call('ListThings', { maxResults: 0 })).rejects.toMatchObject(
      refusedWith('InvalidRequestException', 'from 1 to 250'),
    );
  });
});

describe('the rest', () => {
  it('tags policies and rules, and nothing else', async () => {
    await cloud.call('CreatePolicy', {
      policyName: name,
      policyDocument: document(),
      tags: [{ Key: 'a', Value: '1' }],
    });
    const resourceArn = arn(`policy/${name}`);
    await cloud.call('TagResource', {
      resourceArn,
      tags: [
        { Key: 'b', Value: '2' },
        { Key: 'a', Value: '3' },
      ],
    });
    await cloud.call('UntagResource', { resourceArn, tagKeys: ['b'] });
    expect(await cloud.call('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ Key: 'a', Value: '3' }] });
    await expect(cloud.call('ListTagsForResource', { resourceArn: arn('thing/x') })).rejects.toMatchObject(
      refusedWith('InvalidRequestException'),
    );
    await expect(cloud.call('ListTagsForResource', { resourceArn: arn('rule/x') })).rejects.toMatchObject(
      refusedWith('ResourceNotFoundException'),
    );
  });

  it('names the endpoint of devices, and no other', async () => {
    expect(await cloud.call('DescribeEndpoint', { endpointType: 'iot:Data-ATS' })).toEqual({
      endpointAddress: `localhost:${cloud.iot.mqttPort}`,
    });
    await expect(cloud.call('DescribeEndpoint')).rejects.toMatchObject(refusedWith('NotImplemented', 'iot:Data'));
  });

  it('says that a port is taken', async () => {
    const taken = cloud.iot.mqttPort;
    const { iam, dispatcher, log } = cloud;
    const state = await State.open();
    const options = {
      state,
      metrics: new MetricStore(state),
      account: ACCOUNT,
      iam,
      dispatcher,
      log,
      readings: DEFAULT_READINGS,
      pace: quickPace(),
      mqttPort: taken,
      host: '127.0.0.1',
    };
    const second = await createIot(options);
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });
});
