import type { RepublishAction } from '@aws-sdk/client-iot';
import type { PublishRequest } from '@aws-sdk/client-iot-data-plane';
import { NotImplementedError } from '../../errors.ts';
import { type Templates, outputBytes, required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/** The `republish` action: what the statement selected, to another topic (DG, republish-rule-action). */
export function republishAction(shape: RepublishAction, template: Templates): RuleAction {
  if (shape.headers !== undefined)
    throw new NotImplementedError('headers of the republish action, which are of MQTT 5,');
  const resource = required('republish', 'topic', shape.topic);
  // A topic that begins with $ is written with two of them.
  const topic = template(resource.replace(/^\$\$/, '$'));
  return {
    name: 'RepublishAction',
    resource,
    roleArn: required('republish', 'roleArn', shape.roleArn),
    call: (input) => {
      const publish: PublishRequest = { topic: topic(input), qos: shape.qos ?? 0, payload: outputBytes(input) };
      return { service: 'iot-data', operation: 'Publish', input: publish };
    },
  };
}
