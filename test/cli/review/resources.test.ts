import { expect, test } from 'vitest';
import { compare } from '../../../cli/review/compare.ts';
import type { Template } from '../../../cli/review/template.ts';
import { assemblyOf, edited, NOTHING, resourceOf } from './assemblies.ts';

const STACK = 'fleet-telemetry';
const TABLE = 'AWS::DynamoDB::Table';
const timeSeries = (resources: Template['Resources']) => resourceOf(resources, TABLE, 'TimeSeries');
const fleet = assemblyOf({ garden: ['pond'], home: ['attic'] });

function changesTo(edit: (resources: Template['Resources']) => void, stack = STACK) {
  const { sites, ...changes } = compare(fleet, edited(fleet, stack, edit));
  expect(sites).toHaveLength(2);
  return changes;
}

test('another key of the table replaces it', () => {
  const found = changesTo((resources) => {
    const { Properties } = timeSeries(resources);
    Object.assign(Properties, JSON.parse(JSON.stringify(Properties).replaceAll('"arrival"', '"moment"')));
  });
  expect(found.dangers).toHaveLength(1);
  expect(found.dangers[0]).toMatchObject({
    irreversible: true,
    what: 'replaced',
    type: TABLE,
    where: STACK,
    names: ['TimeSeries'],
  });
  expect(found.dangers[0]?.consequence).toMatch(
    /KeySchema .*arrival.* → .*moment.*; the old one stays outside of the stack, with what is in it, and the app starts with an empty one$/,
  );
  expect(found).toMatchObject({ ...NOTHING, dangers: [{}], resources: [{ name: 'TimeSeries', change: 'replaced' }] });
});

test('what is taken out of a stack is deleted, or left behind where it is retained', () => {
  const found = changesTo((resources) => {
    for (const [id, { Type }] of Object.entries(resources)) {
      if ([TABLE, 'AWS::SQS::Queue', 'AWS::IoT::TopicRule'].includes(Type)) delete resources[id];
    }
  });
  expect(found.dangers).toMatchObject([
    { irreversible: true, what: 'deleted', type: TABLE, names: ['UsedIdentities/Table'] },
    { irreversible: true, what: 'deleted', type: 'AWS::SQS::Queue', names: ['DeadLetters'] },
    { irreversible: true, what: 'left behind', type: TABLE, names: ['TimeSeries'] },
    {
      irreversible: false,
      what: 'deleted',
      type: 'AWS::IoT::TopicRule',
      names: ['RawRule', 'Rule', 'UsedIdentities/Rule'],
    },
  ]);
  expect(found.rules.map(({ rule, change }) => [rule, change])).toEqual([
    ['fleet_telemetry', 'removed'],
    ['fleet_telemetry_connected', 'removed'],
    ['fleet_telemetry_raw', 'removed'],
  ]);
});

test('protections that go are on top; putting them back is nothing to fear', () => {
  const bare = edited(fleet, STACK, (resources) => {
    const table = timeSeries(resources);
    Object.assign(table, { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    Object.assign(table.Properties, { DeletionProtectionEnabled: false, PointInTimeRecoverySpecification: undefined });
  });
  expect(compare(fleet, bare).dangers).toEqual([
    {
      irreversible: false,
      what: 'unprotected',
      type: TABLE,
      where: STACK,
      names: ['TimeSeries'],
      consequence:
        'without DeletionPolicy Retain, UpdateReplacePolicy Retain, deletion protection, point-in-time recovery from now on',
    },
  ]);
  expect(compare(bare, fleet).dangers).toEqual([]);
});

test('another setting is named with both values, another order of keys is none', () => {
  const found = changesTo((resources) => {
    const queue = resourceOf(resources, 'AWS::SQS::Queue');
    queue.Properties = { SqsManagedSseEnabled: true, MessageRetentionPeriod: 345_600 };
  });
  expect(found).toMatchObject({
    ...NOTHING,
    dangers: [{ what: 'deleted sooner', names: ['DeadLetters'] }],
    resources: [{ stack: STACK, name: 'DeadLetters', type: 'AWS::SQS::Queue', change: 'changed' }],
  });
  expect(found.resources[0]?.details).toEqual(['MessageRetentionPeriod 1209600 → 345600']);
});

test('what is deleted sooner than before is on top, what is kept longer is nothing to fear', () => {
  const shorter = edited(fleet, STACK, (resources) => {
    delete resourceOf(resources, 'AWS::SQS::Queue').Properties.MessageRetentionPeriod; // 4 days then
    resourceOf(resources, 'AWS::Logs::LogGroup').Properties.RetentionInDays = 7;
    const TimeToLiveSpecification = { AttributeName: 'expires', Enabled: true };
    Object.assign(timeSeries(resources).Properties, { TimeToLiveSpecification });
  });
  const dangers = compare(fleet, shorter).dangers.map(({ irreversible, what, names, consequence }) => {
    return [irreversible, what, ...names, consequence];
  });
  expect(dangers).toEqual([
    [true, 'deleted sooner', 'ChartWidget/LogGroup', 'log events that are older than 7 days are deleted at once'],
    [true, 'deleted sooner', 'DeadLetters', 'messages that are older than 4 days are deleted at once'],
    [false, 'deleted sooner', 'TimeSeries', 'DynamoDB deletes rows by itself from now on, when their time has come'],
  ]);
  expect(compare(shorter, fleet).dangers).toEqual([]);
});

test('metadata, dependencies and the hashes of assets are no change; other code is', () => {
  const found = changesTo((resources) => {
    const lambda = resourceOf(resources, 'AWS::Lambda::Function');
    Object.assign(lambda, { Metadata: { 'aws:asset:path': 'asset.1234' }, DependsOn: [] });
    Object.assign(lambda.Properties.Code ?? {}, { S3Key: '1234.zip' });
  }, 'fleet-site-home');
  expect(found).toMatchObject({
    ...NOTHING,
    resources: [{ name: 'DeviceCertificates', type: 'AWS::Lambda::Function', details: ['another code'] }],
  });
});

test('statements of roles and of resources: what comes and what goes, by the names of the constructs', () => {
  const found = changesTo((resources) => {
    const [policy] = resourceOf(resources, 'AWS::IAM::Role', 'RuleRole').Properties.Policies as [
      { PolicyDocument: { Statement: { Action: string; Resource: unknown }[] } },
    ];
    Object.assign(policy.PolicyDocument.Statement[0] ?? {}, { Action: 'dynamodb:*', Resource: '*' });
    const queuePolicy = resourceOf(resources, 'AWS::SQS::QueuePolicy').Properties.PolicyDocument as {
      Statement: { Effect: string }[];
    };
    Object.assign(queuePolicy.Statement[0] ?? {}, { Effect: 'Allow' });
  });
  const role = 'AWS:${RuleRole}';
  const queue = { stack: STACK, action: 'sqs:*', resource: '${DeadLetters.Arn}', principal: 'AWS:*' };
  const condition = '"Bool": { "aws:SecureTransport": "false" }';
  expect(found).toEqual({
    ...NOTHING,
    access: {
      added: [
        { stack: STACK, effect: 'Allow', action: 'dynamodb:*', resource: '*', principal: role, condition: '' },
        { ...queue, effect: 'Allow', condition },
      ],
      removed: [
        {
          ...{ stack: STACK, effect: 'Allow', action: 'dynamodb:PutItem' },
          ...{ resource: '${TimeSeries.Arn}', principal: role, condition: '' },
        },
        { ...queue, effect: 'Deny', condition },
      ],
    },
  });
});

test('outputs come and go', () => {
  const base = fleet.stacks.get(STACK);
  if (base === undefined) throw new Error('no stack');
  const { TableName, ...Outputs } = base.template.Outputs as Record<string, unknown>;
  expect(TableName).toBeDefined();
  const stacks = new Map([...fleet.stacks, [STACK, { ...base, template: { ...base.template, Outputs } }] as const]);
  expect(compare(fleet, { ...fleet, stacks }).parts).toEqual([
    { stack: STACK, part: 'Outputs.TableName', change: 'removed' },
  ]);
});

test('findings and suppressions, new and gone', () => {
  const finding = { rule: 'a-rule', severity: 'error', construct: 'fleet-telemetry/Rule', description: 'why' };
  const acknowledgement = { rule: 'SQS3', construct: 'fleet-telemetry/DeadLetters', reason: 'because' };
  const another = { ...acknowledgement, reason: 'for another reason' };
  const base = { ...fleet, findings: [], acknowledgements: [acknowledgement] };
  const head = { ...fleet, findings: [finding], acknowledgements: [another] };
  expect(compare(base, head)).toMatchObject({
    findings: { added: [finding], removed: [] },
    acknowledgements: { added: [another], removed: [acknowledgement] },
  });
  expect(compare(head, base).findings).toEqual({ added: [], removed: [finding] });
});
