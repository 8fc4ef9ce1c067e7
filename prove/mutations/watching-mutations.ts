import type { Mutation } from './mutation.ts';

const PROBLEM = 'lib/problem-alarm.ts';
const RULES = 'lib/telemetry/rule-alarms.ts';
const SEEN = 'lib/telemetry/seen-rule.ts';
const SILENCE = 'lib/device/silence-alarm.ts';
const UNSTORED = 'lib/telemetry/unstored-alarm.ts';
const PARTS = 'lib/telemetry/telemetry.ts';
const WIDGET = 'lib/telemetry/chart-widget-function.ts';
const BUNDLED = 'lib/bundled-function.ts';

/** Of what watches over the fleet: alarms, the count of messages, and the function that reads rows for the dashboard. */
export const WATCHING_MUTATIONS: readonly Mutation[] = [
  {
    property: 'dead letters ring',
    file: PARTS,
    find: "new DeadLettersAlarm(scope, 'DeadLettersAlarm', { queue: deadLetters }),",
    replace: '',
  },
  {
    property: 'dead letters ring until the last is gone',
    file: 'lib/telemetry/dead-letters-alarm.ts',
    find: 'metricApproximateNumberOfMessagesVisible',
    replace: 'metricNumberOfMessagesSent',
  },
  {
    property: 'rows that DynamoDB throttles ring',
    file: PARTS,
    find: "new TimeSeriesAlarm(scope, 'TimeSeriesAlarm', { table }),",
    replace: '',
  },
  {
    property: 'both rules ring',
    file: PARTS,
    find: ': [telemetryRule, rawTelemetryRule];',
    replace: ': [telemetryRule];',
  },
  {
    property: 'messages that are lost ring',
    file: RULES,
    find: "metric('ErrorActionFailure', 'Sqs')",
    replace: "metric('ErrorActionSuccess', 'Sqs')",
  },
  {
    property: 'messages that AWS IoT drops ring',
    file: RULES,
    find: "metric('RuleMessageThrottled')",
    replace: "metric('TopicMatch')",
  },
  {
    property: 'the first failure rings',
    file: PROBLEM,
    find: 'threshold = 1,',
    replace: 'threshold = 100,',
  },
  {
    property: 'an alarm looks at failures, not at their absence',
    file: PROBLEM,
    find: 'GREATER_THAN_OR_EQUAL_TO_THRESHOLD',
    replace: 'LESS_THAN_THRESHOLD',
  },
  {
    property: 'a function that makes no certificates rings',
    file: 'lib/device/function-errors-alarm.ts',
    find: 'fn.metricErrors(',
    replace: 'fn.metricInvocations(',
  },
  {
    property: 'a device that sends nothing at all rings',
    file: SILENCE,
    find: 'TreatMissingData.BREACHING',
    replace: 'TreatMissingData.NOT_BREACHING',
  },
  {
    property: 'a device does not ring before it was due',
    file: 'lib/alarms-stack.ts',
    find: 'alarm.node.addDependency(start.resource);',
    replace: '',
  },
  {
    property: 'the first value of a device is no message, and no breach',
    file: SILENCE,
    find: 'Stats.SAMPLE_COUNT',
    replace: 'Stats.SUM',
  },
  {
    property: 'whoever puts first values puts them into the metrics of the fleet alone',
    file: 'lib/device/silence-start.ts',
    find: "conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },",
    replace: '',
  },
  {
    property: 'a device rings by its own messages',
    file: SILENCE,
    find: 'metricName: device,',
    replace: "metricName: 'telemetry',",
  },
  {
    property: 'the messages of a device are counted under the name in its topic',
    file: SEEN,
    find: "metricName: '${topic(2)}'",
    replace: "metricName: '${device}'",
  },
  {
    property: 'no payload makes the count fail',
    file: SEEN,
    find: 'SELECT topic(2) AS device FROM',
    replace: 'SELECT * FROM',
  },
  {
    property: 'the count goes into the metrics of the fleet only',
    file: SEEN,
    find: "conditions: { StringEquals: { 'cloudwatch:namespace': names.seenMetricNamespace } },",
    replace: '',
  },
  {
    property: 'the dashboard reads rows and changes none',
    file: WIDGET,
    find: "['dynamodb:Query']",
    replace: "['dynamodb:Query', 'dynamodb:DeleteItem']",
  },
  {
    property: 'the dashboard reads the time-series and no other table',
    file: WIDGET,
    find: 'table.tableArn',
    replace: "'*'",
  },
  {
    property: 'the dashboard lists the stacks of the fleet and no other',
    file: WIDGET,
    find: '...arns',
    replace: "'*'",
  },
  {
    property: 'the function of the dashboard has no managed policy',
    file: BUNDLED,
    find: "assumedBy: new ServicePrincipal('lambda.amazonaws.com'),",
    replace:
      "assumedBy: new ServicePrincipal('lambda.amazonaws.com'),\n" +
      "      managedPolicies: [{ managedPolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess' }],",
  },
  {
    property: 'the function of the dashboard is invoked by those who look at it and nobody else',
    file: BUNDLED,
    find: 'this.function = lambda;',
    replace:
      "lambda.addPermission('Everybody', { principal: new ServicePrincipal('events.amazonaws.com') });\n" +
      '    this.function = lambda;',
  },
  {
    property: 'messages that no rule takes ring, also where they are all',
    file: UNSTORED,
    find: 'FILL(rows, 0)',
    replace: 'rows',
  },
  {
    property: 'messages that two rules take ring',
    file: UNSTORED,
    find: "'ABS(FILL(",
    replace: "'(FILL(",
  },
  {
    property: 'a redrive rings nothing',
    file: UNSTORED,
    find: ' + FILL(redriven, 0)',
    replace: '',
  },
  {
    property: 'messages that cross from one hour into the next ring nothing',
    file: UNSTORED,
    find: 'threshold: 3,',
    replace: 'threshold: 1,',
  },
];
