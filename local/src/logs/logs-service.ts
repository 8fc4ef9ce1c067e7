import * as sdk from '@aws-sdk/client-cloudwatch-logs';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { logGroupOperations } from './log-groups.ts';
import { LogStore } from './log-store.ts';
import { logStreamOperations } from './log-streams.ts';
import { readEventOperations } from './read-events.ts';

export interface LogsOptions {
  readonly state: State;
  readonly account: Account;
  /** Where others write, too. @default one of its own */
  readonly logs?: LogStore;
}

/** CloudWatch Logs: groups with their retention, streams, and events. */
export const logsService = ({ state, account, logs }: LogsOptions): Service => {
  const store = logs ?? new LogStore(state, account);
  return {
    name: 'logs',
    model: serviceModel(sdk, sdk.CloudWatchLogsClient),
    operations: { ...logGroupOperations(store), ...logStreamOperations(store), ...readEventOperations(store) },
  };
};
