import { CloudWatchClient, GetMetricStatisticsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { setTimeout } from 'node:timers/promises';
import { clientConfig } from '../../aws/clients.ts';
import { answering } from '../custom-resource/handle.ts';
import { persistently } from '../custom-resource/retry.ts';

interface Properties {
  /** Of the metrics. */
  readonly namespace: string;
  /** Each has a metric that is called as it is. */
  readonly devices: readonly string[];
}

const POLL_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * The custom resource `Custom::SilenceStart`: from when on devices are due. It puts a first value into the metric of each
 * device that is new to it, a zero, and answers once CloudWatch shows all of them: an alarm that is made after it finds a
 * value there, and rings no sooner than it would for a device that has just sent something. With a new metric that can
 * take two minutes (CloudWatch User Guide, "Publish custom metrics").
 */
export const handler = answering(async (event, deadline) => {
  if (event.RequestType === 'Delete') return;
  const old = event.RequestType === 'Update' ? (event.OldResourceProperties as Partial<Properties>) : {};
  const isNew = (device: string) => !old.devices?.includes(device);
  const { namespace, devices } = event.ResourceProperties as unknown as Properties;
  await start(namespace, devices.filter(isNew), deadline);
});

async function start(Namespace: string, devices: readonly string[], deadline: number): Promise<void> {
  if (devices.length === 0) return;
  const client = new CloudWatchClient(clientConfig);
  const Timestamp = new Date();
  const MetricData = devices.map((MetricName) => ({ MetricName, Value: 0, Unit: 'Count' as const, Timestamp }));
  await persistently({ deadline }, () => client.send(new PutMetricDataCommand({ Namespace, MetricData })));

  const span = {
    StartTime: new Date(Timestamp.getTime() - MINUTE_MS),
    EndTime: new Date(Timestamp.getTime() + MINUTE_MS),
    Period: 60,
    Statistics: ['SampleCount' as const],
  };
  for (const MetricName of devices) {
    const ask = () => client.send(new GetMetricStatisticsCommand({ Namespace, MetricName, ...span }));
    while (((await persistently({ deadline }, ask)).Datapoints ?? []).length === 0) {
      if (Date.now() + POLL_MS > deadline)
        throw new Error(`CloudWatch does not show the first value of ${MetricName} yet; deploy again`);
      await setTimeout(POLL_MS);
    }
  }
}
