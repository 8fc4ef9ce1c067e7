import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-lambda';
import type { Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { serviceModel } from '../wire/model.ts';
import { FunctionRunner, type FunctionRunnerOptions } from './function-runner.ts';
import { FunctionStore } from './function-store.ts';
import { functionOperations } from './functions.ts';
import { type EventRun, Invocations } from './invoke.ts';
import { permissionOperations } from './permissions.ts';

export interface LambdaOptions extends Omit<FunctionRunnerOptions, 'store'> {
  readonly state: State;
  /** Is told how each attempt at an event ended: nobody else hears of it. */
  readonly eventEnded?: (run: EventRun) => void;
}

/**
 * AWS Lambda for Node.js functions from zip files. Each runs in processes of its own, on the Node.js that runs the local cloud
 * whatever its runtime says, with its role's credentials and its own environment variables. They share this machine's /tmp.
 */
export function lambdaService(options: LambdaOptions): {
  readonly service: Service;
  /** Kills the environment of a function that has these credentials; false when there is none. */
  crash(accessKeyId: string): boolean;
  close(): Promise<void>;
} {
  const store = new FunctionStore(options.state, options.account);
  const runner = new FunctionRunner({ ...options, store, scratch: join(options.scratch, 'lambda') });
  const invocations = new Invocations(store, runner, options.log, options.pace, options.eventEnded ?? (() => {}));
  return {
    service: {
      name: 'lambda',
      model: serviceModel(sdk, sdk.LambdaClient),
      operations: {
        ...functionOperations(store, options.iam, runner),
        ...permissionOperations(store),
        Invoke: invocations.operation(),
      },
    },
    crash: (accessKeyId) => runner.crash(accessKeyId),
    close: async () => {
      invocations.close();
      await runner.close();
    },
  };
}
