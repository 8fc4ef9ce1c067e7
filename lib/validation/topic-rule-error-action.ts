import type { Rule } from './rule.ts';
import { member, resourcesOfType } from './stack-template.ts';

/** A message that an action could not deliver is gone, unless the rule says where it goes then. */
export const topicRuleErrorAction: Rule = {
  id: 'topic-rule-error-action',
  fix: 'Give the rule an error action, such as the dead letters of lib/telemetry/dead-letters.ts.',

  *check(template) {
    for (const [logicalId, { Properties = {} }] of resourcesOfType(template, 'AWS::IoT::TopicRule')) {
      const payload = Properties.TopicRulePayload;
      if (member(payload, 'ErrorAction') === undefined) {
        yield {
          logicalId,
          location: 'Properties.TopicRulePayload.ErrorAction',
          problem: `The rule ${String(Properties.RuleName)} has no error action: what its actions cannot deliver is lost without a trace.`,
        };
      }
    }
  },
};
