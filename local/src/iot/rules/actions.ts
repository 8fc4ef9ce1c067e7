import type { Action, DynamoKeyType } from '@aws-sdk/client-iot';
import type { StandardUnit } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError, NotImplementedError } from '../../errors.ts';
import type { Input, OperationName, Sdks } from '../../service.ts';
import { invalidRequest } from '../names.ts';
import { Decimal, jsonText } from '../sql/index.ts';
import type { Templates } from './action-members.ts';
import { toAttributes, toAttributeValue } from './attribute-values.ts';
import type { ActionInput, RuleAction, ServiceCall } from './rule-action.ts';

/**
 * Reads an action as it came in. Throws InvalidRequest, SqlParse or NotImplemented.
 *
 * @param required a member that the action cannot do without
 * @param template reads a member that may hold `${expressions}`
 */
type Read<Shape> = (
  shape: Shape,
  required: (member: keyof Shape & string) => string,
  template: Templates,
) => Pick<RuleAction, 'resource' | 'call'>;

/** The actions that rules have here, by their names in a rule (DG, iot-rule-actions and the page of each). */
export const ACTIONS: { readonly [Name in keyof Action]: Read<NonNullable<Action[Name]>> } = {
  /** What the statement selected as one event, into a group that exists. */
  cloudwatchLogs: ({ batchMode }, required, template) => {
    if (batchMode) throw new NotImplementedError('batchMode of the cloudwatchLogs action');
    const resource = required('logGroupName');
    const group = template(resource);
    return {
      resource,
      call: (input) => {
        // How AWS names the streams is not documented.
        const stream = { logGroupName: group(input), logStreamName: 'iot-rule' };
        const logEvents = [{ timestamp: input.message.timestamp, message: outputText(input) }];
        const first = calls('logs', 'CreateLogStream', stream);
        return {
          ...calls('logs', 'PutLogEvents', { ...stream, logEvents }),
          first: { ...first, isDone: 'ResourceAlreadyExistsException' },
        };
      },
    };
  },
  /** One value of one metric without dimensions. */
  cloudwatchMetric: ({ metricTimestamp }, required, template) => {
    const [name, namespace] = [template(required('metricName')), template(required('metricNamespace'))];
    const [value, unit] = [template(required('metricValue')), template(required('metricUnit'))];
    const seconds = metricTimestamp === undefined ? undefined : template(metricTimestamp);
    return {
      resource: required('metricName'),
      call: (input) => {
        const datum = {
          MetricName: name(input),
          Value: number('metricValue', value(input)),
          Unit: unit(input) as StandardUnit,
          ...(seconds && { Timestamp: new Date(number('metricTimestamp', seconds(input)) * 1000) }),
        };
        return calls('cloudwatch', 'PutMetricData', { Namespace: namespace(input), MetricData: [datum] });
      },
    };
  },
  /** Keys from substitution templates, and what the statement selected in one column, as Binary when it is not JSON. */
  dynamoDB: (shape, required, template) => {
    if (shape.operation !== undefined && shape.operation !== 'INSERT')
      throw new NotImplementedError(`the operation ${shape.operation} of the dynamoDB action`);
    if ((shape.rangeKeyField === undefined) !== (shape.rangeKeyValue === undefined))
      throw invalidRequest('the dynamoDB action has rangeKeyField without rangeKeyValue, or the other way around');
    const tableName = template(required('tableName'));
    const payloadField = template(shape.payloadField ?? 'payload');
    const key = (field: string, value: string, type: DynamoKeyType = 'STRING') => {
      const [fieldOf, valueOf] = [template(field), template(value)];
      return (input: ActionInput): readonly [string, AttributeValue] => [
        fieldOf(input),
        type === 'NUMBER' ? { N: valueOf(input) } : { S: valueOf(input) },
      ];
    };
    const keys = [key(required('hashKeyField'), required('hashKeyValue'), shape.hashKeyType)];
    if (shape.rangeKeyField !== undefined)
      keys.push(key(required('rangeKeyField'), required('rangeKeyValue'), shape.rangeKeyType));
    return {
      resource: required('tableName'),
      call: (input) => {
        const { output } = input;
        const payload = output instanceof Uint8Array ? { B: output } : toAttributeValue(output);
        const entries = [[payloadField(input), payload] as const, ...keys.map((entry) => entry(input))];
        return calls('dynamodb', 'PutItem', { TableName: tableName(input), Item: Object.fromEntries(entries) });
      },
    };
  },
  /** One column for each root attribute, the table's keys among them. */
  dynamoDBv2: ({ putItem }, _, template) => {
    const { tableName: resource = '' } = putItem ?? {};
    if (resource === '') throw invalidRequest('the dynamoDBv2 action has no putItem.tableName');
    const tableName = template(resource);
    return {
      resource,
      call: (input) => {
        const { output } = input;
        if (
          typeof output !== 'object' ||
          output === null ||
          Array.isArray(output) ||
          output instanceof Uint8Array ||
          output instanceof Decimal
        )
          throw new AwsError('ValidationException', 'what the statement selected is not a JSON object');
        return calls('dynamodb', 'PutItem', { TableName: tableName(input), Item: toAttributes(output) });
      },
    };
  },
  /**
   * An event with what the statement selected. Of bytes, the guide says that "some rule actions don't support binary payload
   * input, such as a Lambda action" (binary-payloads).
   */
  lambda: (_, required) => {
    const resource = required('functionArn');
    return {
      resource,
      call: ({ output }) => {
        if (output instanceof Uint8Array)
          throw new AwsError('InvalidRequestContentException', 'the lambda action takes no binary payload');
        const Payload = Buffer.from(jsonText(output));
        return calls('lambda', 'Invoke', { FunctionName: resource, InvocationType: 'Event', Payload });
      },
    };
  },
  /** What the statement selected, to another topic. */
  republish: ({ headers, qos = 0 }, required, template) => {
    if (headers !== undefined) throw new NotImplementedError('headers of the republish action, which are of MQTT 5,');
    const resource = required('topic');
    // A topic that begins with $ is written with two of them.
    const topic = template(resource.replace(/^\$\$/, '$'));
    return {
      resource,
      call: (input) => calls('iot-data', 'Publish', { topic: topic(input), qos, payload: outputBytes(input) }),
    };
  },
  /** What the statement selected as an object, bytes as they are. */
  s3: ({ cannedAcl }, required, template) => {
    // Nothing here but policies says who may read an object.
    if (cannedAcl !== undefined && cannedAcl !== 'private')
      throw new NotImplementedError(`cannedAcl ${cannedAcl} of the s3 action`);
    const resource = required('bucketName');
    const [bucket, key] = [template(resource), template(required('key'))];
    return {
      resource,
      call: (input) => calls('s3', 'PutObject', { Bucket: bucket(input), Key: key(input), Body: outputBytes(input) }),
    };
  },
  /** What the statement selected as one message; as JSON, with a text for each protocol. */
  sns: ({ messageFormat = 'RAW' }, required, template) => {
    const resource = required('targetArn');
    if (resource.endsWith('.fifo')) throw invalidRequest('the sns action does not support FIFO topics');
    if (messageFormat !== 'RAW' && messageFormat !== 'JSON')
      throw invalidRequest(
        `the messageFormat of the sns action is ${messageFormat as string}; allowed are RAW and JSON`,
      );
    const topicArn = template(resource);
    const structure = messageFormat === 'JSON' ? { MessageStructure: 'json' } : {};
    return {
      resource,
      call: (input) => calls('sns', 'Publish', { TopicArn: topicArn(input), Message: outputText(input), ...structure }),
    };
  },
  /** What the statement selected as one message, in base64 on request. */
  sqs: ({ useBase64 }, required, template) => {
    const resource = required('queueUrl');
    if (resource.endsWith('.fifo')) throw invalidRequest('the sqs action does not support FIFO queues');
    const queueUrl = template(resource);
    return {
      resource,
      call: (input) => {
        const MessageBody = outputText(input, useBase64 ? 'base64' : 'utf8');
        return calls('sqs', 'SendMessage', { QueueUrl: queueUrl(input), MessageBody });
      },
    };
  },
};

const calls = <Service extends keyof Sdks, Name extends OperationName<Sdks[Service]>>(
  service: Service,
  operation: Name,
  input: Input<Sdks[Service], Name>,
): ServiceCall => ({ service, operation, input });

/** What the statement selected, as bytes: JSON as text. */
const outputBytes = ({ output }: ActionInput): Uint8Array =>
  output instanceof Uint8Array ? output : Buffer.from(jsonText(output));
const outputText = (input: ActionInput, encoding: BufferEncoding = 'utf8'): string =>
  Buffer.from(outputBytes(input)).toString(encoding);

function number(member: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new AwsError('InvalidParameterValueException', `${member} is ${JSON.stringify(text)}, which is no number`);
  return value;
}
