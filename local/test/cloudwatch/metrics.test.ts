import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudWatchService } from '../../src/cloudwatch/cloudwatch-service.ts';
import { sendForm } from '../support/query-protocol.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let services: Services;
let client: CloudWatchClient;
let stop = (): void => undefined;

const start = (folder?: string): Promise<Services> =>
  startServices((parts) => {
    const cloudWatch = cloudWatchService(parts);
    stop = () => cloudWatch.close();
    return [cloudWatch.service];
  }, folder);

beforeAll(async () => {
  services = await start();
  client = new CloudWatchClient(services.operator);
});
afterAll(async () => {
  stop();
  await services.close();
});

const MINUTE = 60_000;
/** The beginning of the minute `minutes` before this one. */
const ago = (minutes: number): Date => new Date((Math.floor(Date.now() / MINUTE) - minutes) * MINUTE);

const put = (Namespace: string, MetricName: string, values: readonly (readonly [minutes: number, value: number])[]) =>
  client.send(
    new PutMetricDataCommand({
      Namespace,
      MetricData: values.map(([minutes, Value]) => ({ MetricName, Value, Timestamp: ago(minutes), Unit: 'Count' })),
    }),
  );

const statistics = (Namespace: string, MetricName: string, Period: number) =>
  client.send(
    new GetMetricStatisticsCommand({
      Namespace,
      MetricName,
      Period,
      StartTime: ago(10),
      EndTime: ago(-1),
      Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
    }),
  );

describe('values of a metric', () => {
  it('come back as statistics of each period', async () => {
    await put('app', 'latency', [
      [3, 1],
      [3, 5],
      [1, 10],
    ]);
    expect((await statistics('app', 'latency', 60)).Datapoints).toEqual([
      { Timestamp: ago(3), SampleCount: 2, Sum: 6, Average: 3, Minimum: 1, Maximum: 5, Unit: 'Count' },
      { Timestamp: ago(1), SampleCount: 1, Sum: 10, Average: 10, Minimum: 10, Maximum: 10, Unit: 'Count' },
    ]);
  });

  it('are those of one metric alone, told by its dimensions in any order', async () => {
    const metric = (Dimensions: { Name: string; Value: string }[]) => ({ MetricName: 'n', Value: 1, Dimensions });
    const [a, b] = [
      { Name: 'A', Value: '1' },
      { Name: 'B', Value: '2' },
    ];
    await client.send(
      new PutMetricDataCommand({ Namespace: 'dims', MetricData: [metric([a, b]), metric([b, a]), metric([a])] }),
    );
    const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: 'dims' }));
    expect(Metrics).toHaveLength(2);
    const filtered = await client.send(new ListMetricsCommand({ Namespace: 'dims', Dimensions: [{ Name: 'B' }] }));
    expect(filtered.Metrics).toEqual([{ Namespace: 'dims', MetricName: 'n', Dimensions: [a, b] }]);
  });

  it('come compressed when there are many', async () => {
    const MetricData = Array.from({ length: 500 }, (_, n) => ({ MetricName: `metric-${n % 2}`, Value: 1 }));
    await client.send(new PutMetricDataCommand({ Namespace: 'many', MetricData }));
    const found = await statistics('many', 'metric-1', 3600);
    expect(found.Datapoints?.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(250);
  });

  it('survive a restart', async () => {
    const folder = temporaryFolder();
    const before = await start(folder);
    const datum = { MetricName: 'kept', Value: 7 };
    const command = new PutMetricDataCommand({ Namespace: 'app', MetricData: [datum] });
    const stopBefore = stop;
    await new CloudWatchClient(before.operator).send(command);
    stopBefore();
    await before.close();
    const after = await start(folder);
    const { Metrics } = await new CloudWatchClient(after.operator).send(new ListMetricsCommand({}));
    expect(Metrics?.map(({ MetricName }) => MetricName)).toEqual(['kept']);
    stop();
    await after.close();
  });
});

describe('CloudWatch refuses', () => {
  it.each([
    ['a namespace of AWS', { Namespace: 'AWS/IoT', MetricData: [] }, 'InvalidParameterValueException', 'AWS/IoT'],
    [
      'a value that is too old',
      { Namespace: 'a', MetricData: [{ MetricName: 'm', Value: 1, Timestamp: new Date(0) }] },
      'InvalidParameterValueException',
      'two weeks',
    ],
    [
      'a datum without a value',
      { Namespace: 'a', MetricData: [{ MetricName: 'm' }] },
      'InvalidParameterCombinationException',
      'exactly one',
    ],
    [
      'a dimension with a control character',
      {
        Namespace: 'a',
        MetricData: [{ MetricName: 'm', Value: 1, Dimensions: [{ Name: 'board', Value: 'shed\0attic' }] }],
      },
      'InvalidParameterValueException',
      'printable ASCII',
    ],
    [
      'high resolution',
      { Namespace: 'a', MetricData: [{ MetricName: 'm', Value: 1, StorageResolution: 1 }] },
      'NotImplemented',
      'StorageResolution 1',
    ],
  ])('%s', async (_, input, name, words) => {
    const call = client.send(new PutMetricDataCommand(input));
    await expect(call).rejects.toMatchObject({ name, message: expect.stringContaining(words) as string });
  });

  it('percentiles, by name', async () => {
    const read = { Namespace: 'a', MetricName: 'm', StartTime: ago(5), EndTime: ago(0), Period: 60 };
    const percentile = client.send(new GetMetricStatisticsCommand({ ...read, Statistics: ['p99' as never] }));
    await expect(percentile).rejects.toThrow('the statistic p99');
  });

  it('a caller whose policy does not allow the namespace', async () => {
    const other = await services.role('writer', [{ Action: 'cloudwatch:ListMetrics', Resource: '*' }]);
    const command = new PutMetricDataCommand({ Namespace: 'a', MetricData: [] });
    await expect(new CloudWatchClient(other).send(command)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

// Debian's AWS CLI 2.9 speaks the query protocol, which CloudWatch still serves beside JSON.
describe('the query protocol', () => {
  const query = (form: Record<string, string>) =>
    sendForm(new CloudWatchClient(services.operator), { Version: '2010-08-01', ...form });

  it('puts and reads values', async () => {
    await query({
      Action: 'PutMetricData',
      Namespace: 'queried',
      'MetricData.member.1.MetricName': 'm',
      'MetricData.member.1.Value': '2.5',
      'MetricData.member.1.Timestamp': new Date().toISOString(),
      'MetricData.member.1.Dimensions.member.1.Name': 'A',
      'MetricData.member.1.Dimensions.member.1.Value': '1',
    });
    const answer = await query({ Action: 'ListMetrics', Namespace: 'queried' });
    expect(answer).toContain('<ListMetricsResult><Metrics><member><Namespace>queried</Namespace>');
    expect(answer).toContain('<Dimensions><member><Name>A</Name><Value>1</Value></member></Dimensions>');
  });

  it('answers errors by the codes of that protocol', async () => {
    const answer = await query({ Action: 'GetDashboard', DashboardName: 'none' });
    expect(answer).toContain('<Code>ResourceNotFound</Code>');
  });
});
