import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetV2LoggingOptionsCommand, IoTClient } from '@aws-sdk/client-iot';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test } from 'vitest';
import { FleetNames } from '../../../lib/fleet/names.ts';
import { fleetAlarms } from '../../../cli/aws/alarms.ts';
import { loggedDenials } from '../../../cli/aws/broker-log.ts';

const cloudWatch = mockClient(CloudWatchClient);
const logs = mockClient(CloudWatchLogsClient);
const iot = mockClient(IoTClient);
beforeEach(() => {
  cloudWatch.reset();
  logs.reset();
  iot.reset();
});

test('the alarms of both kinds of stacks, and no other', async () => {
  const alarm = (AlarmName: string) => ({ AlarmName, StateValue: 'ALARM' as const, AlarmDescription: 'It rings.' });
  const since = new Date();
  cloudWatch
    .on(DescribeAlarmsCommand, { AlarmNamePrefix: 'fleet-telemetry-' })
    .resolves({ MetricAlarms: [{ ...alarm('fleet-telemetry-Dead'), StateUpdatedTimestamp: since }] })
    .on(DescribeAlarmsCommand, { AlarmNamePrefix: 'fleet-site-' })
    .resolves({ MetricAlarms: [alarm('fleet-site-home-Silence')] });
  expect(await fleetAlarms(new FleetNames())).toEqual([
    { name: 'fleet-telemetry-Dead', state: 'ALARM', description: 'It rings.', since },
    { name: 'fleet-site-home-Silence', state: 'ALARM', description: 'It rings.' },
  ]);
});

describe('the log of AWS IoT', () => {
  // The members: Developer Guide, "CloudWatch Logs AWS IoT log entries".
  const entry = {
    timestamp: '2017-08-10 15:37:23.476',
    logLevel: 'ERROR',
    traceId: '20b23f3f-d7f1-feae-169f-82263394fbdb',
    accountId: '123456789012',
    status: 'Failure',
    eventType: 'Publish-In',
    protocol: 'MQTT',
    topicName: 'rtjm/other/telemetry',
    clientId: 'kitchen',
    principalId: '145179c40e2219e18a909d896a5340b74cf97a39641beec2fc3eeafc5a932167',
    reason: 'AUTHORIZATION_FAILURE',
    details: 'Authorization Failure',
  };
  const event = (timestamp: number, message: unknown) => ({
    timestamp,
    message: typeof message === 'string' ? message : JSON.stringify(message),
  });

  test('tells what was denied, the newest first, over pages of which one is empty', async () => {
    logs
      .on(FilterLogEventsCommand)
      .resolvesOnce({ events: [event(1, entry)], nextToken: 'a' })
      .resolvesOnce({ events: [], nextToken: 'b' })
      .resolvesOnce({
        events: [
          event(2, { ...entry, eventType: 'Connect', topicName: undefined, reason: undefined, details: undefined }),
          event(3, { ...entry, status: 'Success' }),
          event(4, 'Failure of another kind, and no JSON'),
        ],
      });
    const certificate = entry.principalId;
    expect(await loggedDenials(0)).toEqual([
      { time: 2, what: 'Connect', client: 'kitchen', certificate, why: 'AWS IoT does not say why' },
      {
        time: 1,
        what: 'Publish-In',
        client: 'kitchen',
        certificate,
        topic: 'rtjm/other/telemetry',
        why: 'AUTHORIZATION_FAILURE: Authorization Failure',
      },
    ]);
  });

  test('is none while nobody has turned it on: that is no error', async () => {
    logs.on(FilterLogEventsCommand).rejects(new ResourceNotFoundException({ message: 'not here', $metadata: {} }));
    iot.on(GetV2LoggingOptionsCommand).rejects(Object.assign(new Error('no'), { name: 'NotConfiguredException' }));
    expect(await loggedDenials(0)).toBeUndefined();
  });

  test('is empty where it is on, and nothing was logged yet', async () => {
    logs.on(FilterLogEventsCommand).rejects(new ResourceNotFoundException({ message: 'not here', $metadata: {} }));
    iot.on(GetV2LoggingOptionsCommand).resolves({ defaultLogLevel: 'ERROR', disableAllLogs: false });
    expect(await loggedDenials(0)).toEqual([]);
  });

  test('may not be read by everybody, which is one', async () => {
    logs.on(FilterLogEventsCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));
    await expect(loggedDenials(0)).rejects.toThrow('no');
  });
});
