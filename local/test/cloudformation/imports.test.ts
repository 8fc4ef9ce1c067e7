import {
  CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
  GetTemplateSummaryCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateThingCommand, DescribeThingCommand, IoTClient } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';
import { type StackClient, stackClient, type Template } from './stack-client.ts';
import { parameter } from './start-cloudformation.ts';

let running: Cloud;
let cloud: StackClient & { readonly client: CloudFormationClient };
let iot: IoTClient;
beforeAll(async () => {
  running = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
  const client = new CloudFormationClient(cloudClient(running));
  cloud = { client, ...stackClient(client) };
  iot = new IoTClient(cloudClient(running));
});
afterAll(() => running.close());

const thing = (ThingName: unknown, DeletionPolicy?: string) => ({
  Type: 'AWS::IoT::Thing',
  Properties: { ThingName },
  ...(DeletionPolicy && { DeletionPolicy }),
});
const makeThing = (thingName: string) =>
  iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { room: 'attic' } } }));
const attributesOf = async (thingName: string) => (await iot.send(new DescribeThingCommand({ thingName }))).attributes;

/** Makes a change set, and what it says of each resource. */
async function changeSet(StackName: string, template: Template, options: Partial<CreateChangeSetCommandInput>) {
  const { Id, StackId } = await cloud.client.send(
    new CreateChangeSetCommand({
      StackName,
      ChangeSetName: 'changes',
      TemplateBody: JSON.stringify(template),
      ...options,
    }),
  );
  const {
    Changes = [],
    Status,
    StatusReason,
  } = await cloud.client.send(new DescribeChangeSetCommand({ ChangeSetName: Id }));
  const changes = Changes.map(({ ResourceChange: change }) => `${change?.Action} ${change?.LogicalResourceId}`);
  const execute = async () => {
    await cloud.client.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
    return cloud.settled(StackId);
  };
  return { changes, Status, StatusReason, execute };
}

describe('with ImportExistingResources', () => {
  const automatic = { ChangeSetType: 'CREATE', ImportExistingResources: true } as const;

  it('what is there is imported as it is, what is not is made, and both go by their policies', async () => {
    await makeThing('was-there');
    const Resources = { There: thing('was-there', 'Retain'), New: thing('is-new', 'Retain'), P: parameter('1') };
    const { changes, execute } = await changeSet('both', { Resources }, automatic);
    expect(changes.sort()).toEqual(['Add New', 'Add P', 'Import There']);
    const stack = await execute();
    expect(stack.StackStatus).toBe('CREATE_COMPLETE');
    expect(await cloud.story('both')).toEqual(
      expect.arrayContaining(['There IMPORT_IN_PROGRESS', 'There IMPORT_COMPLETE', 'New CREATE_COMPLETE']),
    );
    expect(await attributesOf('was-there')).toEqual({ room: 'attic' });
    await cloud.destroy(stack);
    expect(await attributesOf('was-there')).toEqual({ room: 'attic' });
  });

  it('what would not outlive the stack is refused, in the words that the CDK CLI looks for', async () => {
    await makeThing('unprotected');
    const { Status, StatusReason } = await changeSet('mine', { Resources: { A: thing('unprotected') } }, automatic);
    expect(Status).toBe('FAILED');
    expect(StatusReason).toContain('already exist in your account');
    expect(StatusReason).toMatch(/The affected resources are A \(\{ThingName=unprotected\}\)$/);
  });

  it('a name that is not in the template itself is not looked for', async () => {
    await makeThing('by-reference');
    const Parameters = { Name: { Type: 'String', Default: 'by-reference' } };
    const Resources = { A: thing({ Ref: 'Name' }, 'Retain') };
    expect((await changeSet('dynamic', { Parameters, Resources }, automatic)).changes).toEqual(['Add A']);
  });

  it('what another stack has is not taken from it', async () => {
    await cloud.deploy('owner', { Resources: { A: thing('owned') } });
    const { changes, execute } = await changeSet('thief', { Resources: { B: thing('owned', 'Retain') } }, automatic);
    expect(changes).toEqual(['Add B']);
    expect((await execute()).StackStatus).toBe('ROLLBACK_COMPLETE');
  });

  it.each(['Retain', 'RetainExceptOnCreate'])(
    'with %s, a failure elsewhere lets go of it, and it stays',
    async (policy) => {
      const name = `rolled-back-${policy}`;
      await makeThing(name);
      const Resources = { A: thing(name, policy), B: parameter('', {}, { DependsOn: 'A' }) };
      const { execute } = await changeSet(name, { Resources }, automatic);
      expect((await execute()).StackStatus).toBe('ROLLBACK_COMPLETE');
      expect(await attributesOf(name)).toEqual({ room: 'attic' });
    },
  );

  it('without it, what is there is refused', async () => {
    await makeThing('in-the-way');
    const stack = await cloud.deploy('no-import', { Resources: { A: thing('in-the-way', 'Retain') } });
    expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
  });
});

describe('a change set of the type IMPORT', () => {
  const named = (LogicalResourceId: string, ThingName: string): Partial<CreateChangeSetCommandInput> => ({
    ChangeSetType: 'IMPORT',
    ResourcesToImport: [{ ResourceType: 'AWS::IoT::Thing', LogicalResourceId, ResourceIdentifier: { ThingName } }],
  });

  it('takes what is there into a new stack, and then another one into that', async () => {
    await makeThing('first');
    await makeThing('second');
    const A = thing('first', 'Delete');
    const first = await changeSet('imported', { Resources: { A } }, named('A', 'first'));
    expect(first.changes).toEqual(['Import A']);
    expect((await first.execute()).StackStatus).toBe('IMPORT_COMPLETE');
    const B = thing('second', 'Retain');
    const second = await changeSet('imported', { Resources: { A, B } }, named('B', 'second'));
    expect((await second.execute()).StackStatus).toBe('IMPORT_COMPLETE');
    const after = await cloud.deploy('imported', { Resources: { A, B, P: parameter('1') } });
    expect(after.StackStatus).toBe('UPDATE_COMPLETE');
    await cloud.destroy(after);
    await expect(attributesOf('first')).rejects.toThrow('first');
    expect(await attributesOf('second')).toEqual({ room: 'attic' });
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['what is not there', { A: thing('nowhere', 'Retain') }, 'nowhere', 'there is none of that identifier'],
    ['what has no policy', { A: thing('spare') }, 'spare', 'resources to import must have a DeletionPolicy'],
    [
      'something else besides',
      { A: thing('spare', 'Retain'), B: parameter('1') },
      'spare',
      'As part of the import operation, you cannot modify or add [B]',
    ],
    [
      'what the template does not have',
      { B: parameter('1') },
      'spare',
      'the template has no such resource of that type',
    ],
  ])('refuses %s', async (_, Resources, name, words) => {
    if (name === 'spare') await makeThing(name);
    await expect(changeSet('refused', { Resources }, named('A', name))).rejects.toThrow(words);
  });
});

it('GetTemplateSummary says by what a type is imported, as far as it is here', async () => {
  const TemplateBody = JSON.stringify({ Resources: { A: thing('a'), P: parameter('1') } });
  const { ResourceIdentifierSummaries } = await cloud.client.send(new GetTemplateSummaryCommand({ TemplateBody }));
  expect(ResourceIdentifierSummaries).toEqual([
    { ResourceType: 'AWS::IoT::Thing', LogicalResourceIds: ['A'], ResourceIdentifiers: ['ThingName'] },
  ]);
});
