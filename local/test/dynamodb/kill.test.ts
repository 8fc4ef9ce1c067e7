import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { dynamoDbService } from '../../src/dynamodb/dynamodb-service.ts';
import { sqsService } from '../../src/sqs/sqs-service.ts';
import { startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

it('loses no item and no message that was acknowledged when it is killed', async () => {
  const folder = temporaryFolder();
  const script = fileURLToPath(new URL('./acknowledge.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');

  let close = async (): Promise<void> => undefined;
  const services = await startServices((parts) => {
    const dynamoDb = dynamoDbService({ ...parts, folder: `${folder}/dynamodb` });
    close = () => dynamoDb.close();
    return [dynamoDb.service, sqsService(parts)];
  }, `${folder}/state`);
  const { Items } = await new DynamoDBClient(services.operator).send(new ScanCommand({ TableName: 'rows' }));
  expect(Items).toEqual([{ id: { S: 'kept' } }]);
  const sqs = new SQSClient(services.operator);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'q' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['kept']);
  await services.close();
  await close();
});
