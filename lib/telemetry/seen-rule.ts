import { Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge-wildcards.ts';
import type { FleetNames } from '../fleet/names.ts';
import { ruleRole } from './rule-principal.ts';

export interface SeenRuleProps {
  readonly names: FleetNames;
}

/**
 * Counts what comes from each device, in a metric that bears the device's name, for the alarms of silent devices.
 */
export class SeenRule extends Construct {
  constructor(scope: Construct, id: string, { names }: SeenRuleProps) {
    super(scope, id);
    const count = new PolicyStatement({
      sid: 'Count',
      actions: ['cloudwatch:PutMetricData'],
      // It knows no resource; the condition stands for one.
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': names.seenMetricNamespace } },
    });
    const role = ruleRole(this, 'Role', 'Seen', count);
    const reason = 'PutMetricData knows no resource; a condition limits it to the namespace of the fleet.';
    acknowledgeWildcards(role, { '*': reason });
    const rule = new CfnTopicRule(this, 'Resource', {
      ruleName: names.seenRule,
      topicRulePayload: {
        description: 'Counts what each device publishes, for the alarms of silent devices',
        // Nothing of the payload, so that none can make it fail.
        sql: `SELECT topic(2) AS device FROM '${names.topicRoot}/#'`,
        awsIotSqlVersion: '2016-03-23',
        actions: [
          {
            cloudwatchMetric: {
              roleArn: role.roleArn,
              metricNamespace: names.seenMetricNamespace,
              metricName: '${topic(2)}',
              metricValue: '1',
              metricUnit: 'Count',
            },
          },
        ],
      },
    });
    Validations.of(rule).acknowledge({
      id: 'esp-fleet::topic-rule-error-action',
      reason: 'It only counts messages, which another rule keeps: a lost count is no lost message.',
    });
  }
}
