import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import {
  CreateThingCommand,
  DescribeThingCommand,
  ListPrincipalThingsCommand,
  ListThingPrincipalsCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { setTimeout } from 'node:timers/promises';
import { clientConfig, iot } from '../../aws/clients.ts';
import { type Answer, answered } from './probe.ts';
import { DEVICE, type ScratchFleet } from './scratch-fleet.ts';

/** Whether the calls without V2 list the exclusive attachment that the product makes. */
export async function askLists({ names }: ScratchFleet): Promise<Answer[]> {
  const thingName = names.thing(DEVICE);
  const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
  const said = answered(
    {
      question: 'ListThingPrincipals shows an exclusive attachment',
      assumed: 'shown',
      open: { reading: 'v1-lists', answers: { shown: 'shown', hidden: 'hidden' } },
    },
    principals.length > 0 ? 'shown' : 'hidden',
  );
  const [principal] = principals;
  if (principal === undefined) return [said];
  const { things = [] } = await iot.send(new ListPrincipalThingsCommand({ principal }));
  const question = 'ListPrincipalThings shows it from the other side';
  return [said, answered({ question, assumed: thingName }, things.join() || 'nothing')];
}

const cloudFormation = new CloudFormationClient(clientConfig);

const templateOf = (ThingName: string, Attributes: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify({
    Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName, AttributePayload: { Attributes } } } },
  });

/** @returns the status of a stack once it no longer changes */
async function settled(StackName: string | undefined, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    const status = stack?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    await setTimeout(500);
  }
}

/** What CloudFormation does with a thing that somebody has made already. */
export async function askAdoption(fleet: ScratchFleet, signal: AbortSignal): Promise<Answer[]> {
  const { adoptedThing: thingName, adoptingStack: StackName } = fleet;
  await iot.send(new CreateThingCommand({ thingName }));
  const TemplateBody = templateOf(thingName);
  const { StackId } = await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
  const status = await settled(StackId, signal);
  await fleet.deleteStack(StackName);
  const seen = status === 'CREATE_COMPLETE' ? 'adopted' : status === 'ROLLBACK_COMPLETE' ? 'refused' : status;
  const answers = { refused: 'refused', adopted: 'adopted' };
  const question = 'CloudFormation refuses a thing that is there already';
  return [answered({ question, assumed: 'refused', open: { reading: 'existing-thing', answers } }, seen)];
}

/** When a change of a thing is shown, and what becomes of an attribute that somebody has given it when its stack is updated. */
export async function askThingUpdate(fleet: ScratchFleet, signal: AbortSignal): Promise<Answer[]> {
  const { updatedThing: thingName, adoptingStack: StackName } = fleet;
  const attributes = async () => (await iot.send(new DescribeThingCommand({ thingName }))).attributes ?? {};
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody: templateOf(thingName, { wants: '1' }) }));
  await settled(StackName, signal);
  const attributePayload = { attributes: { has: '1' }, merge: true };
  await iot.send(new UpdateThingCommand({ thingName, attributePayload }));
  const isShown = (await attributes()).has === '1';
  const shown = answered(
    {
      question: 'DescribeThing shows at once what UpdateThing wrote',
      assumed: 'shown',
      open: { answers: { later: 'as with --pace aws' } },
    },
    isShown ? 'shown' : 'later',
  );
  await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody: templateOf(thingName, { wants: '2' }) }));
  await settled(StackName, signal);
  if (!isShown) await setTimeout(10_000, undefined, { signal });
  const seen = Object.entries(await attributes()).map(([name, value]) => `${name} ${value}`);
  await fleet.deleteStack(StackName);
  const answers = { 'wants 2': 'dropped', 'has 1, wants 2': 'merged' };
  const question = 'an update by CloudFormation drops an attribute that its template does not know';
  const open = { reading: 'thing-update', answers } as const;
  return [shown, answered({ question, assumed: 'wants 2', open }, seen.sort().join(', ') || 'nothing')];
}

/** CloudWatch lists a metric up to 15 minutes after its first value (User Guide, "View available metrics"). */
const LISTED_MS = 16 * 60_000;

/** How ActionType spells the action of the product's rules, of which messages have become rows by now. */
export async function askActionType({ names }: ScratchFleet, signal: AbortSignal): Promise<Answer[]> {
  const client = new CloudWatchClient(clientConfig);
  const query = { Namespace: 'AWS/IoT', MetricName: 'Success' };
  // Whichever of the two has made rows.
  const rules = [names.telemetryRule, names.rawTelemetryRule];
  const spellings = new Set<string>();
  for (const deadline = Date.now() + LISTED_MS; spellings.size === 0 && Date.now() < deadline;) {
    signal.throwIfAborted();
    for await (const { Metrics = [] } of paginateListMetrics({ client }, query))
      for (const { Dimensions = [] } of Metrics)
        if (Dimensions.some(({ Name, Value = '' }) => Name === 'RuleName' && rules.includes(Value)))
          for (const { Name, Value = '' } of Dimensions) if (Name === 'ActionType') spellings.add(Value);
    if (spellings.size === 0) await setTimeout(5_000);
  }
  const answers = { DynamoDBv2: 'DynamoDBv2', dynamoDBv2: 'dynamoDBv2', DynamoDBv2Action: 'DynamoDBv2Action' };
  const question = 'the metrics of rules spell their action DynamoDBv2';
  const open = { reading: 'action-type', answers } as const;
  return [answered({ question, assumed: 'DynamoDBv2', open }, [...spellings].sort().join() || 'not listed')];
}
