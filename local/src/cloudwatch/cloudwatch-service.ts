import * as sdk from '@aws-sdk/client-cloudwatch';
import type { Log } from '../log.ts';
import type { Pace } from '../pace/pace.ts';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { AlarmStore } from './alarm-store.ts';
import { alarmTagOperations } from './alarm-tags.ts';
import { alarmOperations } from './alarms.ts';
import { dashboardOperations } from './dashboards.ts';
import { MINUTE, MetricStore } from './metric-store.ts';
import { putMetricData } from './put-metric-data.ts';
import { readMetricOperations } from './read-metrics.ts';

export interface CloudWatchOptions {
  readonly state: State;
  readonly account: Account;
  readonly log: Log;
  readonly pace: Pace;
}

/** Amazon CloudWatch: metrics by the minute, alarms on one metric each, and dashboards, which nothing draws. */
export function cloudWatchService({ state, account, log, pace }: CloudWatchOptions): {
  readonly service: Service;
  /** Where the services of the local cloud put their own metrics. */
  readonly metrics: MetricStore;
  close(): void;
} {
  const metrics = new MetricStore(state, pace);
  const alarms = new AlarmStore(state, metrics, account, log);
  metrics.watch(() => alarms.evaluate());
  // What is not told, such as the length of a queue that nobody touches, has its value in each minute all the same.
  const everyMinute = setInterval(() => alarms.evaluate(), MINUTE).unref();
  return {
    service: {
      name: 'cloudwatch',
      signingNames: ['monitoring'],
      model: serviceModel(sdk, sdk.CloudWatchClient),
      operations: {
        PutMetricData: putMetricData(metrics),
        ...readMetricOperations(metrics),
        ...alarmOperations(alarms),
        ...alarmTagOperations(alarms),
        ...dashboardOperations(state, account),
      },
    },
    metrics,
    close: () => {
      clearInterval(everyMinute);
      metrics.close();
    },
  };
}
