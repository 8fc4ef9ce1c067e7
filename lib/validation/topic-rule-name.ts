import type { Rule } from './rule.ts';
import { resourcesOfType } from './stack-template.ts';

/** Of CreateTopicRule's parameter ruleName, in the AWS IoT API Reference. CloudFormation finds out only on deployment. */
const RULE_NAME = /^[a-zA-Z0-9_]{1,128}$/;

/** AWS refuses the hyphens that people write in names. */
export const topicRuleName: Rule = {
  id: 'topic-rule-name',
  fix: 'Name it with 1 to 128 characters of a-z, A-Z, 0-9 and "_".',

  *check(template) {
    for (const [logicalId, { Properties = {} }] of resourcesOfType(template, 'AWS::IoT::TopicRule')) {
      const name = Properties.RuleName;
      if (typeof name === 'string' && !RULE_NAME.test(name)) {
        yield {
          logicalId,
          location: 'Properties.RuleName',
          problem: `AWS IoT refuses the rule name ${JSON.stringify(name)}, and the deployment would fail half way.`,
        };
      }
    }
  },
};
