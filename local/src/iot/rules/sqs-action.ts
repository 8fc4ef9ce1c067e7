import type { SqsAction } from '@aws-sdk/client-iot';
import type { SendMessageRequest } from '@aws-sdk/client-sqs';
import { invalidRequest } from '../names.ts';
import { type Templates, outputBytes, required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/** The `sqs` action: what the statement selected as one message, in base64 on request (DG, sqs-rule-action). */
export function sqsAction(shape: SqsAction, template: Templates): RuleAction {
  const resource = required('sqs', 'queueUrl', shape.queueUrl);
  if (resource.endsWith('.fifo')) throw invalidRequest('the sqs action does not support FIFO queues');
  const queueUrl = template(resource);
  return {
    name: 'SqsAction',
    resource,
    roleArn: required('sqs', 'roleArn', shape.roleArn),
    call: (input) => {
      const body = Buffer.from(outputBytes(input)).toString(shape.useBase64 ? 'base64' : 'utf8');
      const send: SendMessageRequest = { QueueUrl: queueUrl(input), MessageBody: body };
      return { service: 'sqs', operation: 'SendMessage', input: send };
    },
  };
}
