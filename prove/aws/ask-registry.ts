import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateListMetrics } from '@aws-sdk/client-cloudwatch';
import { CreateThingCommand, ListPrincipalThingsCommand, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
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

/** What CloudFormation does with a thing that somebody has made already. */
export async function askAdoption(fleet: ScratchFleet, signal: AbortSignal): Promise<Answer[]> {
  const { adoptedThing: thingName, adoptingStack: StackName } = fleet;
  const cloudFormation = new CloudFormationClient(clientConfig);
  await iot.send(new CreateThingCommand({ thingName }));
  const TemplateBody = JSON.stringify({
    Resources: { Thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: thingName } } },
  });
  const { StackId } = await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
  let status = 'CREATE_IN_PROGRESS';
  while (status.endsWith('_IN_PROGRESS')) {
    signal.throwIfAborted();
    await setTimeout(500);
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: StackId }));
    status = stack?.StackStatus ?? '';
  }
  await fleet.deleteStack(StackName);
  const seen = status === 'CREATE_COMPLETE' ? 'adopted' : status === 'ROLLBACK_COMPLETE' ? 'refused' : status;
  return [
    answered(
      {
        question: 'CloudFormation refuses a thing that is there already',
        assumed: 'refused',
        open: { reading: 'existing-thing', answers: { refused: 'refused', adopted: 'adopted' } },
      },
      seen,
    ),
  ];
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
