import type { PutLogEventsRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { CloudwatchLogsAction } from '@aws-sdk/client-iot';
import { NotImplementedError } from '../../errors.ts';
import { type Templates, outputBytes, required } from './action-members.ts';
import type { RuleAction } from './rule-action.ts';

/** How AWS names the streams is not documented. */
const STREAM = 'iot-rule';

/** The `cloudwatchLogs` action: what the statement selected as one event, into a group that exists (DG, cloudwatch-logs-rule-action). */
export function cloudWatchLogsAction(shape: CloudwatchLogsAction, template: Templates): RuleAction {
  if (shape.batchMode) throw new NotImplementedError('batchMode of the cloudwatchLogs action');
  const resource = required('cloudwatchLogs', 'logGroupName', shape.logGroupName);
  const group = template(resource);
  return {
    name: 'CloudwatchLogsAction',
    resource,
    roleArn: required('cloudwatchLogs', 'roleArn', shape.roleArn),
    call: (input) => {
      const stream = { logGroupName: group(input), logStreamName: STREAM };
      const message = Buffer.from(outputBytes(input)).toString();
      const put: PutLogEventsRequest = { ...stream, logEvents: [{ timestamp: input.message.timestamp, message }] };
      const service = 'logs';
      return {
        ...{ service, operation: 'PutLogEvents', input: put },
        first: { service, operation: 'CreateLogStream', input: stream, isDone: 'ResourceAlreadyExistsException' },
      };
    },
  };
}
