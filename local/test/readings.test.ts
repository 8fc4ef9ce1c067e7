import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
  DescribeThingCommand,
  IoTClient,
  ListPrincipalThingsCommand,
  ListPrincipalThingsV2Command,
  ListThingPrincipalsCommand,
  ListThingPrincipalsV2Command,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../src/cloud.ts';
import { answeredReadings, DEFAULT_READINGS, READINGS, parseReading } from '../src/readings.ts';
import { makeCsr } from './iot/iot-cloud.ts';
import { cloud as ruleCloud, columns, publish, queue, rule, useRuleCloud } from './iot/rule-cloud.ts';
import { type StackClient, stackClient } from './cloudformation/stack-client.ts';
import { cloudClient } from './support/cloud-client.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

let cloud: Cloud;
let iot: IoTClient;
let stacks: StackClient;

function useCloud(readings: Parameters<typeof startCloud>[0] = {}): void {
  beforeAll(async () => {
    cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), ...readings });
    iot = new IoTClient(cloudClient(cloud));
    stacks = stackClient(new CloudFormationClient(cloudClient(cloud)));
  });
  afterAll(() => cloud.close());
}

/** A certificate that belongs to a thing alone, as the lists show it. */
async function listsOfExclusive() {
  const { certificateArn: principal = '' } = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: (await makeCsr()).csr }),
  );
  await iot.send(new CreateThingCommand({ thingName: 'lonely' }));
  await iot.send(
    new AttachThingPrincipalCommand({ thingName: 'lonely', principal, thingPrincipalType: 'EXCLUSIVE_THING' }),
  );
  return {
    principals: (await iot.send(new ListThingPrincipalsCommand({ thingName: 'lonely' }))).principals?.length,
    principalsV2: (await iot.send(new ListThingPrincipalsV2Command({ thingName: 'lonely' }))).thingPrincipalObjects
      ?.length,
    things: (await iot.send(new ListPrincipalThingsCommand({ principal }))).things?.length,
    thingsV2: (await iot.send(new ListPrincipalThingsV2Command({ principal }))).principalThingObjects?.length,
  };
}

/** A stack with a thing that somebody made by hand before. */
async function deployOver(attributes: Record<string, string>) {
  const thingName = `mine-${Object.keys(attributes).length}`;
  const { thingId } = await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes } }));
  const stack = await stacks.deploy(thingName, {
    Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: thingName } } },
  });
  const now = await iot.send(new DescribeThingCommand({ thingName }));
  return { status: stack.StackStatus, isTheSame: now.thingId === thingId };
}

/** The attributes of a thing that somebody changed beside CloudFormation, after an update of its template. */
async function updated(): Promise<Record<string, string> | undefined> {
  const template = (Attributes: Record<string, string>) => ({
    Resources: {
      Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: 'shared', AttributePayload: { Attributes } } },
    },
  });
  await stacks.deploy('shared', template({ wants: '1', old: 'x' }));
  const attributePayload = { attributes: { has: '1' }, merge: true };
  await iot.send(new UpdateThingCommand({ thingName: 'shared', attributePayload }));
  await stacks.deploy('shared', template({ wants: '2' }));
  return (await iot.send(new DescribeThingCommand({ thingName: 'shared' }))).attributes;
}

describe('by default', () => {
  useCloud();

  it('CloudFormation drops attributes that its template does not know', async () => {
    expect(await updated()).toEqual({ wants: '2' });
  });

  it('CloudFormation refuses a thing that is there, and leaves it alone', async () => {
    expect(await deployOver({})).toEqual({ status: 'ROLLBACK_COMPLETE', isTheSame: true });
  });

  it('all lists show an exclusive attachment', async () => {
    expect(await listsOfExclusive()).toEqual({ principals: 1, principalsV2: 1, things: 1, thingsV2: 1 });
  });
});

describe('a cloud that was told otherwise', () => {
  useCloud({ readings: { 'existing-thing': 'adopted', 'thing-update': 'merged', 'v1-lists': 'hidden' } });

  it('CloudFormation leaves attributes alone that its template does not know', async () => {
    expect(await updated()).toEqual({ wants: '2', has: '1' });
  });

  it('CloudFormation adopts a thing with the same attributes, and no other', async () => {
    expect(await deployOver({})).toEqual({ status: 'CREATE_COMPLETE', isTheSame: true });
    expect(await deployOver({ n: '1' })).toEqual({ status: 'ROLLBACK_COMPLETE', isTheSame: true });
  });

  it('only the lists that can name its kind show an exclusive attachment', async () => {
    expect(await listsOfExclusive()).toEqual({ principals: 0, principalsV2: 1, things: 0, thingsV2: 1 });
  });
});

describe.each([
  ['DynamoDBv2', ['DynamoDBv2', 'Sqs']],
  ['dynamoDBv2', ['dynamoDBv2', 'sqs']],
  ['DynamoDBv2Action', ['DynamoDBv2Action', 'SqsAction']],
] as const)('with the action type %s', (value, spelt) => {
  useRuleCloud({ 'action-type': value });

  it('metrics name actions so', async () => {
    await rule('rows', { actions: [columns, queue] });
    await publish('{}');
    const types = [...ruleCloud.metrics.all()].map(({ metric }) => metric.dimensions.ActionType);
    expect(types.filter((type) => type !== undefined).sort()).toEqual([...spelt].sort());
  });
});

describe('NAME=VALUE', () => {
  it.each(Object.entries(READINGS))('is read for %s, and the first value is the default', (name, { values }) => {
    for (const value of values) expect(parseReading(`${name}=${value}`)).toEqual({ [name]: value });
    expect(DEFAULT_READINGS[name as keyof typeof READINGS]).toBe(values[0]);
  });

  it.each([
    ['collision=nobody', 'Allowed: collision=alias, collision=payload.'],
    ['collision', 'Allowed: collision=alias, collision=payload.'],
    ['colision=alias', 'There is no reading "colision": collision, binary,'],
    ['toString=alias', 'There is no reading "toString"'],
    ['', 'There is no reading ""'],
  ])('is refused when it is %j', (text, message) => {
    expect(() => parseReading(text)).toThrow(message);
  });
});

describe('a file of what AWS has answered', () => {
  /** @returns the name of a file with this text */
  function answers(text: string): string {
    const file = join(temporaryFolder(), 'aws-answers.json');
    writeFileSync(file, text);
    return file;
  }

  it('counts before the default, and after what is chosen', async () => {
    const file = answers('{"cloud":"AWS","readings":{"v1-lists":"hidden","collision":"payload"},"answers":[]}');
    const told = await startCloud({
      port: 0,
      mqttPort: 0,
      log: memoryLog(),
      answers: file,
      readings: { collision: 'alias' },
    });
    onTestFinished(() => told.close());
    expect(told.readings).toEqual({ ...DEFAULT_READINGS, 'v1-lists': 'hidden' });
  });

  it('need not be there', () => {
    expect(answeredReadings(join(temporaryFolder(), 'none.json'))).toEqual({});
  });

  it.each([
    ['{"readings":{"v1-lists":"gone"}}', 'Allowed: v1-lists=shown, v1-lists=hidden.'],
    ['{"readings":{"lists":"shown"}}', 'There is no reading "lists": collision, '],
    ['{"readings":[]}', 'It has no object "readings".'],
    ['{"answers":[]}', 'It has no object "readings".'],
    ['{', 'JSON'],
  ])('is refused when it is %s, by its name', async (text, message) => {
    const file = answers(text);
    const start = startCloud({ port: 0, mqttPort: 0, log: memoryLog(), answers: file });
    await expect(start).rejects.toThrow(new RegExp(`^${file}: .*${message.replace(/[.[]/g, '\\$&')}`));
  });
});
