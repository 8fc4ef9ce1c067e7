import * as sdk from '@aws-sdk/client-cloudformation';
import type { Dispatcher } from '../dispatcher.ts';
import type { IamStore } from '../iam/iam-store.ts';
import type { EventRun } from '../lambda/invoke.ts';
import type { Log } from '../log.ts';
import type { Principal } from '../policy/principal.ts';
import type { Pace } from '../pace/pace.ts';
import type { Readings } from '../readings.ts';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import type { Extra } from '../wire/http-server.ts';
import { serviceModel } from '../wire/model.ts';
import { changeSetOperations } from './api/change-sets.ts';
import { describeOperations } from './api/describe-stacks.ts';
import { stackOperations } from './api/stack-operations.ts';
import { templateOperations } from './api/templates.ts';
import { bootstrap } from './bootstrap.ts';
import type { Context } from './context.ts';
import { CustomResourceHandler } from './custom-resource/custom-resource.ts';
import { CustomResourceResponses } from './custom-resource/responses.ts';
import { Engine } from './engine/engine.ts';
import { markInterrupted } from './engine/interruption.ts';
import { PROVIDERS } from './resources/providers.ts';
import { ResourceTypes } from './resources/resource-types.ts';
import { ResourceSpecs } from './spec/resource-spec.ts';
import { StackStore } from './stack/stack-store.ts';

export interface CloudFormationOptions {
  readonly state: State;
  readonly account: Account;
  readonly iam: IamStore;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  /** What is assumed where AWS's documents leave it open. */
  readonly readings: Readings;
  readonly pace: Pace;
  /** Where this cloud is reached, e.g. `http://127.0.0.1:4566`; asked when a custom resource needs an URL to answer to. */
  readonly endpoint: () => string;
}

export interface CloudFormation {
  readonly service: Service;
  /** The URLs to which custom resources answer. */
  readonly extra: Extra;
  /** Deploys CDK's bootstrap stack as that principal, unless it is there. */
  bootstrap(principal: Principal): Promise<void>;
  /** Takes note of how an event ended that may have been a request to a custom resource. */
  functionEnded(run: EventRun): void;
  /** Stops operations where they stand; the next start marks them as failed. */
  close(): Promise<void>;
}

/** AWS CloudFormation: deploys templates by calling the other services, as the CDK CLI expects. */
export function createCloudFormation(options: CloudFormationOptions): CloudFormation {
  const { state, account, iam, dispatcher, log, readings, pace } = options;
  const store = new StackStore(state);
  markInterrupted(store);
  const engine = new Engine(log);
  const responses = new CustomResourceResponses(options.endpoint);
  const customResources = new CustomResourceHandler(responses, log);
  let types: Promise<ResourceTypes> | undefined;
  const context: Context = {
    store,
    engine,
    account,
    iam,
    dispatcher,
    readings,
    pace,
    customResources,
    types: () => (types ??= ResourceSpecs.load().then((specs) => new ResourceTypes(specs, PROVIDERS))),
  };
  return {
    service: {
      name: 'cloudformation',
      model: serviceModel(sdk, sdk.CloudFormationClient),
      operations: {
        ...describeOperations(context),
        ...stackOperations(context),
        ...changeSetOperations(context),
        ...templateOperations(context),
      },
    },
    extra: responses.extra,
    bootstrap: (principal) => bootstrap(context, principal),
    functionEnded: (run) => customResources.functionEnded(run),
    close: () => engine.close(),
  };
}
