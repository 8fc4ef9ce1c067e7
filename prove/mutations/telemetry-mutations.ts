import type { Mutation } from './mutation.ts';

const TABLE = 'lib/telemetry/time-series-table.ts';
const QUEUE = 'lib/telemetry/dead-letters.ts';
const ROLE = 'lib/telemetry/telemetry-rule-role.ts';
const RULE = 'lib/telemetry/telemetry-rule.ts';
const SQL = 'lib/telemetry/telemetry-sql.ts';
const PARTS = 'lib/telemetry/telemetry.ts';

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
    find: 'name: DEVICE_COLUMN, type',
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
    property: 'the roles of the rules are for rules of this account',
    file: 'lib/telemetry/rule-principal.ts',
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
    find: 'table.tableArn',
    replace: "'*'",
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
    find: "name === undefined ? 'fleet_telemetry'",
    replace: "name === undefined ? 'fleet-telemetry'",
  },
  {
    property: 'a message that is no row is kept whole',
    file: PARTS,
    find: "if (payload === 'columns') {",
    replace: "if (payload !== 'columns') {",
  },
  {
    property: 'what comes by basic ingest is kept whatever it is',
    file: PARTS,
    find: 'wholeTelemetrySql(names.topicRoot, settings) :',
    replace: 'telemetrySql(names.topicRoot, settings) :',
  },
  {
    property: 'the device of a row comes from the topic, not from the payload',
    file: SQL,
    find: "[DEVICE_COLUMN]: 'topic(2)'",
    replace: "[DEVICE_COLUMN]: 'client'",
  },
  {
    property: 'two messages of one millisecond are two rows',
    file: SQL,
    find: "concat(timestamp(), '#', newuuid())",
    replace: 'timestamp()',
  },
  {
    property: 'the time of a row comes from AWS, not from the payload',
    file: SQL,
    find: "[RECEIVED_COLUMN]: 'timestamp()'",
    replace: "[RECEIVED_COLUMN]: 'time'",
  },
  {
    property: 'an age that is none, or no sane one, makes no time of measurement',
    file: SQL,
    find: '${AGE_FIELD} >= 0 AND',
    replace: '',
  },
  {
    property: 'what is kept whole names nothing of the payload',
    file: SQL,
    find: 'stamp !== MEASURED_COLUMN',
    replace: 'true',
  },
  {
    property: 'the topic of a row comes from AWS, not from the payload',
    file: SQL,
    find: "[FULL_TOPIC_COLUMN]: 'topic()'",
    replace: "[FULL_TOPIC_COLUMN]: 'path'",
  },
  {
    property: 'a row has the stamps of the settings and no other',
    file: SQL,
    find: 'stamps.map((stamp) => [stamp,',
    replace: 'Object.keys(STAMP_EXPRESSIONS).map((stamp) => [stamp,',
  },
  {
    property: 'no payload meets the columns that the rules add',
    file: SQL,
    find: '...OWN_COLUMNS].map(',
    replace: '...OWN_COLUMNS.slice(1)].map(',
  },
  {
    property: 'what is not JSON becomes no columns',
    file: SQL,
    find: '[TEXT_INDEX, ...OWN_COLUMNS]',
    replace: '[...OWN_COLUMNS]',
  },
  {
    property: 'what is no object becomes no columns',
    file: SQL,
    find: "'^e[w-z0-9+/][^=].*$'",
    replace: "'^.*$'",
  },
  {
    property: 'bytes that are no UTF-8 become no columns',
    file: SQL,
    find: "`replace(${AS_TEXT}, ${REPLACEMENT_CHARACTER}, '') = ${AS_TEXT}`",
    replace: '`true`',
  },
  {
    property: 'every message is taken by one of the two rules',
    file: SQL,
    find: 'WHERE isUndefined(${becomesColumns})`',
    replace: 'WHERE NOT (${becomesColumns})`',
  },
  {
    property: 'no payload decides when its row is deleted',
    file: SQL,
    find: 'floor(timestamp() / 1000) + ${retention}',
    replace: 'floor(timestamp() / 1000) + lifetime',
  },
  {
    property: 'rows stay for ever unless the settings say how long',
    file: TABLE,
    find: '...(retention !== undefined && { timeToLiveAttribute: EXPIRES_COLUMN }),',
    replace: "timeToLiveAttribute: 'expires',",
  },
  {
    property: 'DynamoDB deletes rows by the column that the rules write, and by none of a device',
    file: TABLE,
    find: 'timeToLiveAttribute: EXPIRES_COLUMN',
    replace: "timeToLiveAttribute: 'ttl'",
  },
];
