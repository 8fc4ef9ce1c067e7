import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Log } from '../log.ts';
import type { Account } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import { type Alarm, evaluate } from './evaluate-alarm.ts';
import type { MetricStore } from './metric-store.ts';

/** The alarms. Their states are worked out when somebody asks and when values came. */
export class AlarmStore {
  readonly alarms: Collection<Alarm>;
  readonly #metrics: MetricStore;
  readonly #account: Account;
  readonly #log: Log;

  constructor(state: State, metrics: MetricStore, account: Account, log: Log) {
    this.alarms = state.collection('cloudwatch.alarms');
    this.#metrics = metrics;
    this.#account = account;
    this.#log = log;
  }

  arn(name: string): string {
    return `arn:aws:cloudwatch:${this.#account.region}:${this.#account.id}:alarm:${name}`;
  }

  /** Brings the state of every alarm up to date. */
  evaluate(): void {
    this.#metrics.sampleGauges();
    for (const alarm of [...this.alarms.values()]) {
      const { value, reason } = evaluate(alarm, this.#metrics, Date.now());
      if (value === alarm.state.value) continue;
      this.alarms.set(alarm.name, { ...alarm, state: { value, reason, updated: new Date() } });
      this.#log.info(`alarm ${alarm.name}: ${alarm.state.value} -> ${value}: ${reason}`);
    }
  }

  describe({ name, settings, configured, state }: Alarm): MetricAlarm {
    return {
      ActionsEnabled: true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      Dimensions: [],
      ...settings,
      AlarmArn: this.arn(name),
      AlarmConfigurationUpdatedTimestamp: configured,
      StateValue: state.value,
      StateReason: state.reason,
      StateUpdatedTimestamp: state.updated,
      StateTransitionedTimestamp: state.updated,
    };
  }
}
