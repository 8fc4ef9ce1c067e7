import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handler } from '../../../lambda/silence-start/handler.ts';
import { AlarmsStack } from '../../../lib/alarms-stack.ts';
import { cloudWatchService } from '../../../local/src/cloudwatch/cloudwatch-service.ts';
import type { MetricStore } from '../../../local/src/cloudwatch/metric-store.ts';
import { Pace } from '../../../local/src/pace/pace.ts';
import { type Services, startServices } from '../../../local/test/support/start-services.ts';
import { siteOf, templateOf, testApp } from '../../lib/synthesized.ts';

// The function and the alarms of the template, over CloudWatch by AWS's pace: a new metric is seen after two minutes, here 1 s.

const HOUR = 60 * 60_000;
const SILENT_AFTER = 3 * HOUR;

let services: Services;
let metrics: MetricStore;
let client: CloudWatchClient;
let stop = (): void => undefined;

beforeEach(async () => {
  vi.spyOn(console, 'log').mockReturnValue();
  const pace = new Pace({ name: 'aws', divideLags: 120 });
  pace.begin();
  services = await startServices((parts) => {
    const cloudWatch = cloudWatchService({ ...parts, pace });
    ({ metrics } = cloudWatch);
    stop = () => cloudWatch.close();
    return [cloudWatch.service];
  });
  client = new CloudWatchClient(services.operator);
  const { accessKeyId, secretAccessKey } = services.operator.credentials;
  const environment = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  for (const [name, value] of Object.entries({ ...environment, AWS_ENDPOINT_URL: services.endpoint() }))
    vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  stop();
  await services.close();
});

interface Answer {
  readonly Status: string;
  readonly Reason?: string;
}

/** Runs the function as CloudFormation has it run, and gives back what that is told. */
async function deploy(devices: string[], before?: string[], remainingMs = 60_000): Promise<Answer> {
  let body = '';
  const original = globalThis.fetch.bind(globalThis);
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => {
    if (url !== 'https://cloudformation.example/answer') return original(url, init);
    body = init?.body as string;
    return Promise.resolve(new Response());
  });
  const properties = (list: string[]) => ({ namespace: 'esp-fleet', devices: list });
  const event = {
    RequestType: before === undefined ? 'Create' : 'Update',
    ResponseURL: 'https://cloudformation.example/answer',
    LogicalResourceId: 'SilenceStart',
    PhysicalResourceId: 'SilenceStart',
    ResourceProperties: properties(devices),
    OldResourceProperties: before && properties(before),
  } as unknown as CloudFormationCustomResourceEvent;
  await handler(event, { getRemainingTimeInMillis: () => remainingMs });
  return JSON.parse(body) as Answer;
}

async function makeAlarms(...devices: string[]): Promise<void> {
  const stack = new AlarmsStack(testApp(), {
    site: siteOf(...devices),
    fleetId: 'ours',
    silentAfter: SILENT_AFTER / 1_000,
  });
  for (const { Properties } of Object.values(templateOf(stack).findResources('AWS::CloudWatch::Alarm'))) {
    const properties = Properties as { MetricName: string };
    await client.send(new PutMetricAlarmCommand({ ...properties, AlarmName: properties.MetricName }));
  }
}

async function states(): Promise<Record<string, string | undefined>> {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({}));
  return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName ?? '', StateValue]));
}

/** A message, as the topic rule of the fleet counts it. */
const message = (device: string): void =>
  metrics.add({ namespace: 'esp-fleet', name: device, dimensions: {} }, 1, { unit: 'Count' });

/** Whatever was counted so far was counted so many minutes before. */
function pass(minutes: number): void {
  for (const { minutes: values } of metrics.all()) {
    const moved = [...values].map(([minute, value]) => [minute - minutes * 60_000, value] as const);
    values.clear();
    for (const [minute, value] of moved) values.set(minute, value);
  }
}

test('without a first value an alarm rings at once, which is what it is for', async () => {
  await makeAlarms('shed');
  expect(await states()).toEqual({ shed: 'ALARM' });
});

test('nobody rings before they were due; then who never sent does, and who went silent', async () => {
  expect(await deploy(['attic', 'shed'])).toMatchObject({ Status: 'SUCCESS' });
  await makeAlarms('attic', 'shed');
  expect(await states()).toEqual({ attic: 'OK', shed: 'OK' });
  const after = (minutes: number) => {
    pass(minutes);
    return states();
  };
  expect(await after(90)).toEqual({ attic: 'OK', shed: 'OK' });
  message('shed');
  expect(await after(88)).toEqual({ attic: 'OK', shed: 'OK' }); // 178 minutes old
  expect(await after(4)).toEqual({ attic: 'ALARM', shed: 'OK' }); // 182
  expect(await after(86)).toEqual({ attic: 'ALARM', shed: 'OK' }); // 268, and 178 since the message
  expect(await after(4)).toEqual({ attic: 'ALARM', shed: 'ALARM' });
  message('shed');
  expect(await states()).toEqual({ attic: 'ALARM', shed: 'OK' });
  // CloudWatch forgets a metric 15 days after its last value; an alarm does not.
  expect(await after(30 * 24 * 60)).toEqual({ attic: 'ALARM', shed: 'ALARM' });
});

test('a device that is added later has its own time, and who is silent stays so', async () => {
  await deploy(['shed']);
  await makeAlarms('shed');
  pass(200);
  expect(await states()).toEqual({ shed: 'ALARM' });
  expect(await deploy(['attic', 'shed'], ['shed'])).toMatchObject({ Status: 'SUCCESS' });
  await makeAlarms('attic');
  expect(await states()).toEqual({ attic: 'OK', shed: 'ALARM' });
});

test('the first value is no message', async () => {
  await deploy(['shed']);
  const { minutes } = metrics.find({ namespace: 'esp-fleet', name: 'shed', dimensions: {} }) ?? {};
  expect([...(minutes?.values() ?? [])]).toMatchObject([{ count: 1, sum: 0 }]);
});

test('what CloudWatch does not show in time fails the deployment, by name', async () => {
  // Half a second beside the 15 s for the answer: less than until the metric is seen.
  expect(await deploy(['shed'], undefined, 15_500)).toMatchObject({
    Status: 'FAILED',
    Reason: 'Error: CloudWatch does not show the first value of shed yet; deploy again',
  });
});

test('nothing is asked of CloudWatch when a device goes', async () => {
  expect(await deploy(['shed'], ['attic', 'shed'])).toMatchObject({ Status: 'SUCCESS' });
  expect([...metrics.all()]).toEqual([]);
});

test('an answer of CloudWatch without a list of values shows none', async () => {
  const send = vi.spyOn(CloudWatchClient.prototype, 'send').mockResolvedValue({} as never);
  expect(await deploy(['shed'], undefined, 15_500)).toMatchObject({ Status: 'FAILED' });
  send.mockRestore();
});

test('a reason of any length fits into the answer, for which CloudFormation allows 4,096 bytes', async () => {
  const send = vi.spyOn(CloudWatchClient.prototype, 'send').mockRejectedValue(new Error('long '.repeat(2_000)));
  const answer = await deploy(['shed']);
  expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/^Error: long /) as string });
  expect(JSON.stringify(answer).length).toBeLessThan(4_096);
  send.mockRestore();
});
