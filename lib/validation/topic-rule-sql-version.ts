import type { Rule } from './rule.ts';
import { member, resourcesOfType } from './stack-template.ts';

const VERSION = '2016-03-23';

/**
 * The version decides what the SQL means: without one AWS takes 2015-10-08, which reads nested objects and arrays
 * differently, and `beta` changes without notice. See "SQL versions" in the AWS IoT Developer Guide.
 */
export const topicRuleSqlVersion: Rule = {
  id: 'topic-rule-sql-version',
  fix: `Set awsIotSqlVersion to "${VERSION}", for which the statements are written and tested.`,

  *check(template) {
    for (const [logicalId, { Properties = {} }] of resourcesOfType(template, 'AWS::IoT::TopicRule')) {
      const version = member(Properties.TopicRulePayload, 'AwsIotSqlVersion');
      if (version !== VERSION) {
        yield {
          logicalId,
          location: 'Properties.TopicRulePayload.AwsIotSqlVersion',
          problem:
            `The rule ${String(Properties.RuleName)} has ${version === undefined ? 'no SQL version' : `the SQL version ${JSON.stringify(version)}`}: ` +
            'its SQL may mean something else than it was written for.',
        };
      }
    }
  },
};
