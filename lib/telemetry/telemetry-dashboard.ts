import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  MathExpression,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface TelemetryDashboardProps {
  readonly dashboardName: string;
  /** The names of the topic rules that write rows. */
  readonly rules: readonly string[];
  readonly table: ITable;
  readonly deadLetters: IQueue;
  readonly alarms: IAlarm[];
  /** Draws the curves, see lambda/chart-widget. */
  readonly chart: IFunction;
}

/** CloudWatch's grid is 24 wide. */
const WHOLE = { width: 24 };
const THIRD = { width: 8, height: 6 };

/** What the devices send, and how well it arrives. */
export class TelemetryDashboard extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { dashboardName, rules, table, deadLetters, alarms, chart }: TelemetryDashboardProps,
  ) {
    super(scope, id);
    const sum = { statistic: Stats.SUM, period: Duration.minutes(5) };
    const ofRules = (metricName: string, label: string) =>
      rules.map(
        (RuleName) =>
          new Metric({
            namespace: 'AWS/IoT',
            metricName,
            dimensionsMap: { RuleName },
            label: `${label} ${RuleName}`,
            ...sum,
          }),
      );
    new Dashboard(this, 'Resource', {
      dashboardName,
      defaultInterval: Duration.hours(24),
      widgets: [
        [
          new CustomWidget({
            title: 'Curves',
            functionArn: chart.functionArn,
            updateOnRefresh: true,
            updateOnResize: true,
            updateOnTimeRangeChange: true,
            ...WHOLE,
            height: 10,
          }),
        ],
        [
          new GraphWidget({ title: 'Messages', left: ofRules('TopicMatch', 'seen by'), ...THIRD }),
          new GraphWidget({
            title: 'Not stored, per rule and action',
            // A search, which finds every spelling of ActionType.
            left: ['Failure', 'ErrorActionFailure'].map(
              (name) =>
                new MathExpression({
                  expression: `SEARCH('{AWS/IoT,ActionType,RuleName} MetricName="${name}" (${rules
                    .map((rule) => `RuleName="${rule}"`)
                    .join(' OR ')})', 'Sum', 300)`,
                  usingMetrics: {},
                  label: name,
                }),
            ),
            ...THIRD,
          }),
          new GraphWidget({
            title: 'Dead letters',
            left: [
              deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, label: 'waiting' }),
            ],
            right: [deadLetters.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, label: 'oldest' })],
            ...THIRD,
          }),
        ],
        [
          new GraphWidget({
            title: 'Throttled',
            left: [
              table.metric('WriteThrottleEvents', { ...sum, label: 'rows, by DynamoDB' }),
              ...ofRules('RuleMessageThrottled', 'messages of'),
            ],
            ...THIRD,
          }),
          new GraphWidget({
            title: 'Written to the time-series',
            left: [table.metric('ConsumedWriteCapacityUnits', { ...sum, label: 'write units: one a row and KB' })],
            ...THIRD,
          }),
          new AlarmStatusWidget({ title: 'Alarms', alarms, ...THIRD }),
        ],
      ],
    });
  }
}
