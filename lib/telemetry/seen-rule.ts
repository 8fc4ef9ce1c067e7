import { PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { SEEN_METRIC_NAMESPACE, SEEN_RULE_NAME, TOPIC_PREFIX } from '../fleet/names.ts';
import { rulePrincipal } from './rule-principal.ts';

/**
 * Counts what comes from each device, in a metric that bears the device's name, for the alarms of silent devices. There is
 * no error action, on purpose: a lost count is no lost message.
 */
export class SeenRule extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { roleArn } = new Role(this, 'Role', {
      assumedBy: rulePrincipal(),
      inlinePolicies: {
        Seen: new PolicyDocument({
          statements: [
            new PolicyStatement({
              sid: 'Count',
              actions: ['cloudwatch:PutMetricData'],
              // It knows no resource; the condition stands for one.
              resources: ['*'],
              conditions: { StringEquals: { 'cloudwatch:namespace': SEEN_METRIC_NAMESPACE } },
            }),
          ],
        }),
      },
    });
    new CfnTopicRule(this, 'Resource', {
      ruleName: SEEN_RULE_NAME,
      topicRulePayload: {
        description: 'Counts what each device publishes, for the alarms of silent devices',
        // Nothing of the payload, so that none can make it fail.
        sql: `SELECT topic(2) AS device FROM '${TOPIC_PREFIX}/#'`,
        awsIotSqlVersion: '2016-03-23',
        actions: [
          {
            cloudwatchMetric: {
              roleArn,
              metricNamespace: SEEN_METRIC_NAMESPACE,
              metricName: '${topic(2)}',
              metricValue: '1',
              metricUnit: 'Count',
            },
          },
        ],
      },
    });
  }
}
