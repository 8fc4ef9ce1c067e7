import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logsService } from '../../src/logs/logs-service.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY = 24 * 60 * 60 * 1000;
let services: Services;
let logs: CloudWatchLogsClient;
let count = 0;

beforeAll(async () => {
  services = await startServices((parts) => [logsService(parts)]);
  logs = new CloudWatchLogsClient(services.operator);
});
afterAll(() => services.close());

/** Makes a group with a stream for each list of messages, a second apart from an hour ago on. */
async function group(streams: Record<string, string[]> = {}): Promise<string> {
  const logGroupName = `/test/group-${++count}`;
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const start = Date.now() - 3_600_000;
  for (const [logStreamName, messages] of Object.entries(streams)) {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const logEvents = messages.map((message, n) => ({ message, timestamp: start + n * 1000 }));
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  }
  return logGroupName;
}
const messagesOf = (answer: { events?: { message?: string | undefined }[] | undefined }) =>
  answer.events?.map(({ message }) => message);

describe('a log group', () => {
  it('is found by its prefix, with its retention', async () => {
    const logGroupName = await group();
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 14 }));
    const find = async () =>
      (await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))).logGroups;
    expect(await find()).toMatchObject([{ logGroupName, retentionInDays: 14 }]);
    await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    expect((await find())?.[0]).not.toHaveProperty('retentionInDays');
  });

  it('is made once', async () => {
    const again = new CreateLogGroupCommand({ logGroupName: await group() });
    await expect(logs.send(again)).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  });

  it('has a retention that AWS offers', async () => {
    const put = new PutRetentionPolicyCommand({ logGroupName: await group(), retentionInDays: 2 });
    await expect(logs.send(put)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('goes with its streams and events', async () => {
    const logGroupName = await group({ a: ['one'] });
    await logs.send(new DeleteLogGroupCommand({ logGroupName }));
    const read = new GetLogEventsCommand({ logGroupName, logStreamName: 'a' });
    await expect(logs.send(read)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    expect((await logs.send(new DescribeLogStreamsCommand({ logGroupName }))).logStreams).toEqual([]);
  });

  it('has tags', async () => {
    const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${await group()}`;
    await logs.send(new TagResourceCommand({ resourceArn, tags: { a: '1', b: '2' } }));
    await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    expect((await logs.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ b: '2' });
  });

  it('is refused with what is not supported, by name', async () => {
    const create = new CreateLogGroupCommand({ logGroupName: 'x', kmsKeyId: 'key' });
    await expect(logs.send(create)).rejects.toThrow('kmsKeyId of logs:CreateLogGroup');
  });
});

describe('events', () => {
  it('are read from the head and from the tail, in pages', async () => {
    const stream = { logGroupName: await group({ a: ['1', '2', '3', '4', '5'] }), logStreamName: 'a' };
    const head = await logs.send(new GetLogEventsCommand({ ...stream, startFromHead: true, limit: 2 }));
    expect(messagesOf(head)).toEqual(['1', '2']);
    const next = await logs.send(new GetLogEventsCommand({ ...stream, nextToken: head.nextForwardToken }));
    expect(messagesOf(next)).toEqual(['3', '4', '5']);
    const end = await logs.send(new GetLogEventsCommand({ ...stream, nextToken: next.nextForwardToken }));
    expect(end).toMatchObject({ events: [], nextForwardToken: next.nextForwardToken });
    expect(messagesOf(await logs.send(new GetLogEventsCommand({ ...stream, limit: 2 })))).toEqual(['4', '5']);
  });

  it('are searched over all streams by time and by terms', async () => {
    const logGroupName = await group({ a: ['red apple', 'green apple'], b: ['red pear', 'a "quoted" thing'] });
    const search = async (input: Partial<FilterLogEventsCommandInput>) =>
      messagesOf(await logs.send(new FilterLogEventsCommand({ logGroupName, ...input })));
    expect(await search({})).toEqual(['red apple', 'red pear', 'green apple', 'a "quoted" thing']);
    expect(await search({ filterPattern: 'red apple' })).toEqual(['red apple']);
    expect(await search({ filterPattern: '"green apple"' })).toEqual(['green apple']);
    expect(await search({ logStreamNames: ['b'], limit: 1 })).toEqual(['red pear']);
    expect(await search({ startTime: Date.now() })).toEqual([]);
    await expect(search({ filterPattern: '{ $.level = "error" }' })).rejects.toThrow('in a filterPattern');
  });

  it('are refused out of order, and to a stream that is not there', async () => {
    const logGroupName = await group({ a: ['1'] });
    const put = (logStreamName: string, ...timestamps: number[]) =>
      logs.send(
        new PutLogEventsCommand({
          logGroupName,
          logStreamName,
          logEvents: timestamps.map((timestamp) => ({ timestamp, message: 'm' })),
        }),
      );
    await expect(put('a', Date.now(), Date.now() - 1000)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(put('b', Date.now())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('past their retention are not answered any more', async () => {
    const logGroupName = await group({ a: ['new'] });
    const logEvents = [{ message: 'old', timestamp: Date.now() - 2 * DAY }];
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'a', logEvents }));
    const search = new FilterLogEventsCommand({ logGroupName });
    expect(messagesOf(await logs.send(search))).toEqual(['old', 'new']);
    await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
    expect(messagesOf(await logs.send(search))).toEqual(['new']);
  });

  it('lead to their streams, the latest first', async () => {
    const logGroupName = await group({ first: ['1'], second: ['1', '2'] });
    const list = new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', descending: true, limit: 1 });
    const { logStreams, nextToken } = await logs.send(list);
    expect(logStreams?.map(({ logStreamName }) => logStreamName)).toEqual(['second']);
    expect(nextToken).toBeDefined();
  });
});

it('lets a role write only where its policy says', async () => {
  const logGroupName = await group();
  const Resource = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}:*`;
  const options = await services.role('writer', [{ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource }]);
  const writer = new CloudWatchLogsClient(options);
  await writer.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'mine' }));
  const logEvents = [{ message: 'm', timestamp: Date.now() }];
  await writer.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'mine', logEvents }));
  const elsewhere = new CreateLogStreamCommand({ logGroupName: await group(), logStreamName: 'mine' });
  await expect(writer.send(elsewhere)).rejects.toThrow('logs:CreateLogStream on resource');
  const read = new GetLogEventsCommand({ logGroupName, logStreamName: 'mine' });
  await expect(writer.send(read)).rejects.toThrow(
    `logs:GetLogEvents on resource: arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}:log-stream:mine`,
  );
});

it('survives a restart, with its order', async () => {
  const folder = temporaryFolder();
  const stream = { logGroupName: 'g', logStreamName: 's' };
  const timestamp = Date.now();
  for (const message of ['one', 'two']) {
    const run = await startServices((parts) => [logsService(parts)], folder);
    const client = new CloudWatchLogsClient(run.operator);
    if (message === 'one') {
      await client.send(new CreateLogGroupCommand(stream));
      await client.send(new CreateLogStreamCommand(stream));
    }
    await client.send(new PutLogEventsCommand({ ...stream, logEvents: [{ message, timestamp }] }));
    await run.close();
  }
  const last = await startServices((parts) => [logsService(parts)], folder);
  const answer = await new CloudWatchLogsClient(last.operator).send(new GetLogEventsCommand(stream));
  expect(messagesOf(answer)).toEqual(['one', 'two']);
  await last.close();
});
