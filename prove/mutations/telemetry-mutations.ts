import type { Mutation } from './mutation.ts';

const TABLE = 'lib/telemetry/time-series-table.ts';
const QUEUE = 'lib/telemetry/dead-letters.ts';
const ROLE = 'lib/telemetry/telemetry-rule-role.ts';
const RULE = 'lib/telemetry/telemetry-rule.ts';
const SQL = 'lib/telemetry/telemetry-sql.ts';

/** Of the telemetry stack. */
export const TELEMETRY_MUTATIONS: readonly Mutation[] = [
  {
    property: 'the table outlives its stack and a replacement',
    file: TABLE,
    find: "removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY",
    replace: 'RemovalPolicy.DESTROY',
  },
  {
    property: 'the table cannot be deleted by one call',
    file: TABLE,
    find: "deletionProtection: removal === 'retain',",
    replace: '',
  },
  {
    property: 'the table can be brought back to a point in time',
    file: TABLE,
    find: 'pointInTimeRecoveryEnabled: true',
    replace: 'pointInTimeRecoveryEnabled: false',
  },
  {
    property: 'rows are kept by device',
    file: TABLE,
    find: "name: 'device', type",
    replace: "name: 'client', type",
  },
  {
    property: 'dead letters are encrypted',
    file: QUEUE,
    find: 'QueueEncryption.SQS_MANAGED',
    replace: 'QueueEncryption.UNENCRYPTED',
  },
  {
    property: 'dead letters travel by TLS only',
    file: QUEUE,
    find: 'enforceSSL: true,',
    replace: '',
  },
  {
    property: 'dead letters stay for 14 days',
    file: QUEUE,
    find: 'Duration.days(14)',
    replace: 'Duration.days(1)',
  },
  {
    property: 'the role of the rules is for rules of this account',
    file: ROLE,
    find: "conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },",
    replace: '',
  },
  {
    property: 'the rules put rows and do nothing else with the table',
    file: ROLE,
    find: "'dynamodb:PutItem'",
    replace: "'dynamodb:*'",
  },
  {
    property: 'the rules put rows into the time-series only',
    file: ROLE,
    find: '[table.tableArn]',
    replace: "['*']",
  },
  {
    property: 'the rules send to the dead letters and read none',
    file: ROLE,
    find: "'sqs:SendMessage'",
    replace: "'sqs:SendMessage', 'sqs:ReceiveMessage'",
  },
  {
    property: 'what the table refuses goes to the dead letters',
    file: RULE,
    find: 'errorAction: { sqs: { roleArn, queueUrl: deadLetters.queueUrl } },',
    replace: '',
  },
  {
    property: 'the SQL means what it was tested for',
    file: RULE,
    find: "awsIotSqlVersion: '2016-03-23',",
    replace: '',
  },
  {
    property: 'AWS takes the names of the rules',
    file: 'lib/fleet/names.ts',
    find: "TELEMETRY_RULE_NAME = 'fleet_telemetry'",
    replace: "TELEMETRY_RULE_NAME = 'fleet-telemetry'",
  },
  {
    property: 'the device of a row comes from the topic, not from the payload',
    file: SQL,
    find: "device: 'topic(2)'",
    replace: "device: 'client'",
  },
  {
    property: 'the time of a row comes from AWS, not from the payload',
    file: SQL,
    find: "received: 'timestamp()'",
    replace: "received: 'time'",
  },
  {
    property: 'no payload meets the stamps that the rule adds',
    file: SQL,
    find: ' WHERE ${usesNoneOfTheNames}`',
    replace: '`',
  },
];
