import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { IoTClient, SetV2LoggingOptionsCommand } from '@aws-sdk/client-iot';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { withIotLog } from '../../src/iot/iot-log.ts';
import { LogStore } from '../../src/logs/log-store.ts';
import { State } from '../../src/state/state.ts';
import { connect } from 'node:tls';
import { once } from 'node:events';

const ACCOUNT = { id: '123456789012', region: 'eu-central-1' };
const PUBLISH = {
  who: 'client shed (certificate abc, 127.0.0.1)',
  action: 'iot:Publish',
  resource: 'arn:aws:iot:eu-central-1:123456789012:topic/rtjm/kitchen/a:b',
  why: 'no statement allows it',
  clientId: 'shed',
  certificateId: 'abc',
};

async function iotLog(isOn = true) {
  const store = new LogStore(await State.open(undefined), ACCOUNT);
  const log = memoryLog();
  const entries = () => {
    const [stream] = store.groups.has('AWSIotLogsV2') ? store.streams('AWSIotLogsV2') : [];
    return stream === undefined ? [] : store.events(stream).map(({ message }) => JSON.parse(message) as object);
  };
  return { log, shared: withIotLog(log, store, ACCOUNT, () => isOn), entries };
}

// The entries' members: DG, cwl-format, "Message broker log entries".
test.each([
  ['iot:Connect', 'client/shed', 'Connect', undefined],
  ['iot:Publish', 'topic/rtjm/kitchen/a:b', 'Publish-In', 'rtjm/kitchen/a:b'],
  ['iot:Subscribe', 'topicfilter/#', 'Subscribe', '#'],
  ['iot:Receive', 'topic/cmd/x', 'Publish-Out', 'cmd/x'],
])('a refusal of %s becomes an entry of AWS IoT', async (action, resource, eventType, topicName) => {
  const { log, shared, entries } = await iotLog();
  const refusal = { ...PUBLISH, action, resource: `arn:aws:iot:eu-central-1:123456789012:${resource}` };
  shared.refused(refusal);
  expect(log.refusals).toEqual([refusal]);
  expect(entries()).toEqual([
    {
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/) as string,
      logLevel: 'ERROR',
      traceId: expect.any(String) as string,
      accountId: '123456789012',
      status: 'Failure',
      eventType,
      protocol: 'MQTT',
      ...(topicName !== undefined && { topicName }),
      clientId: 'shed',
      principalId: 'abc',
      reason: 'AUTHORIZATION_FAILURE',
      details: 'no statement allows it',
    },
  ]);
});

test('as long as nobody has turned the log on, there is none', async () => {
  const { log, shared, entries } = await iotLog(false);
  shared.refused(PUBLISH);
  expect([log.refusals.length, entries()]).toEqual([1, []]);
});

test('whoever is refused again and again fills no memory', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 });
  const { log, shared, entries } = await iotLog();
  for (let count = 0; count < 1_000; count++) shared.refused(PUBLISH);
  expect([log.refusals.length, entries().length]).toEqual([1_000, 50]);
  vi.setSystemTime(1_700_000_001_000);
  shared.refused(PUBLISH);
  expect(entries()).toHaveLength(51);
  vi.useRealTimers();
});

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog() });
});
afterAll(() => cloud.close());

test('CloudWatch Logs has it, once somebody has turned the log on', async () => {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_REGION: region } = cloud.environment;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const client = { endpoint: cloud.endpoint, region, credentials };
  await new IoTClient(client).send(
    new SetV2LoggingOptionsCommand({ roleArn: 'arn:aws:iam::000000000000:role/logs', defaultLogLevel: 'ERROR' }),
  );
  const socket = connect({ host: 'localhost', port: cloud.mqttPort, ca: cloud.rootCaPem });
  socket.on('error', () => undefined);
  await once(socket, 'close');
  const logs = new CloudWatchLogsClient(client);
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: 'AWSIotLogsV2', filterPattern: 'Failure' }),
  );
  expect(events.map(({ message }) => message)).toEqual([
    expect.stringContaining('no client certificate was presented'),
  ]);
});
