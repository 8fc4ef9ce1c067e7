import {
  CreateThingCommand,
  DeleteThingCommand,
  DescribeThingCommand,
  IoTClient,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { expect, it, onTestFinished } from 'vitest';
import { memoryLog, startCloud } from '../../src/cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';

async function start(name: 'aws' | 'quick') {
  const cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), pace: { name, divideLags: 2 } });
  onTestFinished(() => cloud.close());
  const iot = new IoTClient(cloudClient(cloud));
  const thingName = 'shed';
  await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { wants: '1' } } }));
  return {
    iot,
    update: (wants: string, expectedVersion?: number) =>
      iot.send(
        new UpdateThingCommand({
          ...{ thingName, attributePayload: { attributes: { wants } } },
          ...(expectedVersion !== undefined && { expectedVersion }),
        }),
      ),
    described: async () => {
      const { attributes, version } = await iot.send(new DescribeThingCommand({ thingName }));
      return { ...attributes, version };
    },
  };
}

it('with the pace of AWS, a thing is described as it was for five seconds (here 2.5 s), and written as it is', async () => {
  const { update, described } = await start('aws');
  const began = Date.now();
  await update('2', 1);
  expect(await described()).toEqual({ wants: '1', version: 1 });
  await expect(update('3', 1)).rejects.toMatchObject({ name: 'VersionConflictException' });
  await expect.poll(described).toEqual({ wants: '2', version: 2 });
  expect(Date.now() - began).toBeGreaterThanOrEqual(2_500);
});

it('one that was made anew is not described as the one before', async () => {
  const { iot, update, described } = await start('aws');
  await update('2');
  await iot.send(new DeleteThingCommand({ thingName: 'shed' }));
  await iot.send(new CreateThingCommand({ thingName: 'shed' }));
  expect(await described()).toEqual({ version: 1 });
});

it('in the quick pace, a thing is described as it is', async () => {
  const { update, described } = await start('quick');
  await update('2', 1);
  expect(await described()).toEqual({ wants: '2', version: 2 });
});
