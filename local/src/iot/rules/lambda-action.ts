import type { LambdaAction } from '@aws-sdk/client-iot';
import type { InvocationRequest } from '@aws-sdk/client-lambda';
import { AwsError } from '../../errors.ts';
import { jsonText } from '../sql/index.ts';
import { required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/**
 * The `lambda` action: an event with what the statement selected (DG, lambda-rule-action). It has no role: the function's own
 * policy lets AWS IoT in. Of bytes, the guide says that "some rule actions don't support binary payload input, such as a
 * Lambda action" (binary-payloads).
 */
export function lambdaAction(shape: LambdaAction): RuleAction {
  const resource = required('lambda', 'functionArn', shape.functionArn);
  return {
    name: 'LambdaAction',
    resource,
    roleArn: undefined,
    call: ({ output }) => {
      if (output instanceof Uint8Array)
        throw new AwsError('InvalidRequestContentException', 'the lambda action takes no binary payload', 400);
      const event: InvocationRequest = {
        FunctionName: resource,
        InvocationType: 'Event',
        Payload: Buffer.from(jsonText(output)),
      };
      return { service: 'lambda', operation: 'Invoke', input: event };
    },
  };
}
