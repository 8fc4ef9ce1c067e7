import * as sdk from '@aws-sdk/client-dynamodb';
import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { Dynalite } from './dynalite.ts';
import { itemOperations } from './items.ts';
import { countSuccess, countThrottle } from './call-metrics.ts';
import { tableFeatureOperations } from './table-features.ts';
import { TableSettingsStore } from './table-settings.ts';
import { tableOperations } from './tables.ts';

export interface DynamoDbOptions {
  readonly state: State;
  readonly account: Account;
  readonly metrics: MetricStore;
  /** Where the items are kept. @default in memory */
  readonly folder?: string | undefined;
}

/** Amazon DynamoDB by dynalite: tables, items, conditions, queries and scans. Transactions, streams and PartiQL there are not. */
export function dynamoDbService({ state, account, metrics, folder }: DynamoDbOptions): {
  readonly service: Service;
  close(): Promise<void>;
} {
  const dynalite = new Dynalite(account, folder);
  const settings = new TableSettingsStore(state);
  return {
    service: {
      name: 'dynamodb',
      model: serviceModel(sdk, sdk.DynamoDBClient),
      operations: {
        ...tableOperations(dynalite, settings),
        ...tableFeatureOperations(dynalite, settings),
        ...itemOperations(dynalite, settings),
      },
      served: (operation, input, _, milliseconds) => countSuccess(metrics, operation, input, milliseconds),
      throttled: (operation, input) => countThrottle(metrics, operation, input),
    },
    close: () => dynalite.close(),
  };
}
