import type { SnsAction } from '@aws-sdk/client-iot';
import type { PublishInput } from '@aws-sdk/client-sns';
import { invalidRequest } from '../names.ts';
import { type Templates, outputBytes, required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/** The `sns` action: what the statement selected as one message; as JSON, with a text for each protocol (DG, sns-rule-action). */
export function snsAction(shape: SnsAction, template: Templates): RuleAction {
  const resource = required('sns', 'targetArn', shape.targetArn);
  const { messageFormat = 'RAW' } = shape;
  if (resource.endsWith('.fifo')) throw invalidRequest('the sns action does not support FIFO topics');
  if (messageFormat !== 'RAW' && messageFormat !== 'JSON')
    throw invalidRequest(`the messageFormat of the sns action is ${messageFormat as string}; allowed are RAW and JSON`);
  const topicArn = template(resource);
  return {
    name: 'SnsAction',
    resource,
    roleArn: required('sns', 'roleArn', shape.roleArn),
    call: (input) => {
      const Message = Buffer.from(outputBytes(input)).toString();
      const structure = messageFormat === 'JSON' ? { MessageStructure: 'json' } : {};
      const publish: PublishInput = { TopicArn: topicArn(input), Message, ...structure };
      return { service: 'sns', operation: 'Publish', input: publish };
    },
  };
}
