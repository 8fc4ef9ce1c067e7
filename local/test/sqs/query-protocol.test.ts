import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { sendForm } from '../support/query-protocol.ts';
import { type Services, startServices } from '../support/start-services.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices((parts) => [sqsService(parts)]);
});
afterAll(() => services.close());

// As Debian's AWS CLI 2.9 sends it.
const call = (form: Record<string, string>) =>
  sendForm(new SQSClient(services.operator), { Version: '2012-11-05', ...form });
const element = (xml: string, name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';

it('serves a queue and its messages in the query protocol, too', async () => {
  const created = await call({
    Action: 'CreateQueue',
    QueueName: 'letters',
    'Attribute.1.Name': 'VisibilityTimeout',
    'Attribute.1.Value': '45',
    'Tag.1.Key': 'team',
    'Tag.1.Value': 'a',
  });
  const QueueUrl = element(created, 'QueueUrl');
  expect(QueueUrl).toContain('/000000000000/letters');
  await call({ Action: 'SendMessage', QueueUrl, MessageBody: 'hello <you>' });
  const received = await call({ Action: 'ReceiveMessage', QueueUrl, 'AttributeName.1': 'SentTimestamp' });
  expect(received).toContain('<Message><MessageId>');
  expect(received).toContain('<Body>hello &lt;you&gt;</Body>');
  expect(received).toMatch(/<Attribute><Name>SentTimestamp<\/Name><Value>\d{13}<\/Value><\/Attribute>/);
  const attributes = { Action: 'GetQueueAttributes', QueueUrl, 'AttributeName.1': 'All' };
  const described = await call(attributes);
  expect(described).toContain('<Name>VisibilityTimeout</Name><Value>45</Value>');
  expect(described).toContain('<Name>ApproximateNumberOfMessagesNotVisible</Name><Value>1</Value>');
  await call({
    Action: 'DeleteMessageBatch',
    QueueUrl,
    'DeleteMessageBatchRequestEntry.1.Id': 'a',
    'DeleteMessageBatchRequestEntry.1.ReceiptHandle': element(received, 'ReceiptHandle'),
  });
  expect(await call(attributes)).toContain('<Name>ApproximateNumberOfMessagesNotVisible</Name><Value>0</Value>');
  expect(await call({ Action: 'ListQueueTags', QueueUrl })).toContain('<Tag><Key>team</Key><Value>a</Value></Tag>');
  const missing = await call({ Action: 'GetQueueUrl', QueueName: 'none' });
  expect(missing).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>');
});
