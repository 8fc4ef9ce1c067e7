// Run by kill.test.ts: writes an item and a message into the folder given, says so as soon as both are acknowledged, and
// waits to be killed.
import { MetricStore } from '../../src/cloudwatch/metric-store.ts';
import { Dispatcher } from '../../src/dispatcher.ts';
import { dynamoDbService } from '../../src/dynamodb/dynamodb-service.ts';
import { IamStore } from '../../src/iam/iam-store.ts';
import { memoryLog } from '../../src/log.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { State } from '../../src/state/state.ts';

const [folder = ''] = process.argv.slice(2);
const account = { id: '000000000000', region: 'us-east-1' };
const state = await State.open(`${folder}/state`);
const dispatcher = new Dispatcher(account, memoryLog());
const metrics = new MetricStore(state);
dispatcher.register(dynamoDbService({ state, account, metrics, folder: `${folder}/dynamodb` }).service);
dispatcher.register(sqsService({ state, account, metrics, endpoint: () => 'http://127.0.0.1' }));
const operator = new IamStore(state, account).operator();

await dispatcher.invoke(operator, 'dynamodb', 'CreateTable', {
  TableName: 'rows',
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
});
const { QueueUrl } = await dispatcher.invoke<{ QueueUrl: string }>(operator, 'sqs', 'CreateQueue', { QueueName: 'q' });
await dispatcher.invoke(operator, 'dynamodb', 'PutItem', { TableName: 'rows', Item: { id: { S: 'kept' } } });
await dispatcher.invoke(operator, 'sqs', 'SendMessage', { QueueUrl, MessageBody: 'kept' });
process.stdout.write('acknowledged\n');
setInterval(() => undefined, 60_000);
