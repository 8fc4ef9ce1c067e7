import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Pace } from '../../pace/pace.ts';
import type { Readings } from '../../readings.ts';
import type { Account } from '../../service.ts';
import type { Attributes, Invoke } from '../resources/provider.ts';
import type { ResourceType, ResourceTypes } from '../resources/resource-types.ts';
import type { StackStore } from '../stack/stack-store.ts';
import type { Physical, Stack, StackResource } from '../stack/stack.ts';
import type { Handler, HandlerRequest } from './handler.ts';
import { retried } from './retried.ts';
import { ProviderHandler } from './provider-handler.ts';

/** What all operations share. */
export interface OperationEnvironment {
  readonly store: StackStore;
  readonly account: Account;
  readonly readings: Readings;
  readonly pace: Pace;
  readonly types: ResourceTypes;
  readonly customResources: Handler;
}

export interface OperationOptions {
  /** Calls made as the principal that the stack works as. */
  readonly invoke: Invoke;
  /** The role behind that principal, which later operations of the stack work as, too. */
  readonly roleArn: string | undefined;
  /** ClientRequestToken of the call that started it, for its events. */
  readonly token: string | undefined;
  /** A rollback deletes what the operation made even where its deletion policy is Retain. */
  readonly retainExceptOnCreate: boolean;
  /** By logical id, what identifies the resources that are imported instead of made. */
  readonly imported: Readonly<Record<string, Attributes>>;
}

/** Thrown out of an operation when the local cloud stops: nothing more is done or recorded. */
export class AbandonedError extends Error {}

/** One operation on a stack: its events, and what its steps need. */
export class Operation {
  readonly stack: Stack;
  readonly environment: OperationEnvironment;
  readonly options: OperationOptions;
  readonly #id = randomUUID();
  #cancel = newCancel();
  #abandoned = false;

  constructor(environment: OperationEnvironment, stack: Stack, options: OperationOptions) {
    this.environment = environment;
    this.stack = stack;
    this.options = options;
  }

  resources(): StackResource[] {
    return [...this.environment.store.resources(this.stack.id).values()];
  }

  resource(logicalId: string): StackResource | undefined {
    return this.environment.store.resources(this.stack.id).get(logicalId);
  }

  save(resource: StackResource): void {
    if (this.#abandoned) throw new AbandonedError();
    this.environment.store.saveResource(resource);
  }

  forget(resource: StackResource): void {
    if (this.#abandoned) throw new AbandonedError();
    this.environment.store.deleteResource(resource);
  }

  setStackStatus(status: StackStatus, reason?: string): void {
    if (this.#abandoned) throw new AbandonedError();
    const { stack } = this;
    stack.status = status;
    stack.statusReason = reason;
    this.environment.store.save(stack);
    // Without the stack's own id as physical id, the CDK CLI takes it for a nested stack and follows it without end.
    this.#event(stack.name, stack.id, 'AWS::CloudFormation::Stack', status, reason);
  }

  setResourceStatus(resource: StackResource, status: ResourceStatus, reason?: string): void {
    resource.status = status;
    resource.statusReason = reason;
    resource.updated = new Date();
    this.save(resource);
    this.event(resource, resource.now?.id, status, reason);
  }

  /** An event about something that is not, or no longer, what the resource is. */
  event(resource: StackResource, physicalId: string | undefined, status: ResourceStatus, reason?: string): void {
    if (this.#abandoned) throw new AbandonedError();
    this.#event(resource.logicalId, physicalId ?? '', resource.type, status, reason);
  }

  handler({ spec, provider }: ResourceType): Handler {
    return provider ? new ProviderHandler(spec, provider) : this.environment.customResources;
  }

  /** What a handler is told; what it says to exist is recorded at once. */
  request(resource: StackResource, physical: Omit<Physical, 'id' | 'attributes'>): HandlerRequest {
    const { stack, environment, options } = this;
    const { signal } = this.#cancel;
    return {
      stack,
      logicalId: resource.logicalId,
      type: resource.type,
      properties: physical.properties,
      account: environment.account,
      readings: environment.readings,
      pace: environment.pace,
      invoke: retried(options.invoke, environment.pace.pauses('cloudformation-retries'), signal),
      signal,
      exists: ({ id, attributes }) => {
        resource.now = { ...physical, id, attributes };
        this.save(resource);
      },
    };
  }

  /** Ends all waits: the operation has failed and will be rolled back. */
  cancel(): void {
    this.#cancel.abort();
  }

  get cancelled(): boolean {
    return this.#cancel.signal.aborted;
  }

  /** Begins the next phase, in which there is something to wait for again. */
  resume(): void {
    if (!this.#abandoned) this.#cancel = newCancel();
  }

  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Nothing more is to be done or recorded. */
  abandon(): void {
    this.#abandoned = true;
    this.cancel();
  }

  #event(
    logicalId: string,
    physicalId: string,
    type: string,
    status: ResourceStatus | StackStatus,
    reason: string | undefined,
  ): void {
    this.environment.store.addEvent(this.stack, {
      LogicalResourceId: logicalId,
      PhysicalResourceId: physicalId,
      ResourceType: type,
      ResourceStatus: status,
      ResourceStatusReason: reason,
      OperationId: this.#id,
      ClientRequestToken: this.options.token,
    });
  }
}

/** Each custom resource of the stack waits for it, and takes its listener away: however many there are, none leaks. */
function newCancel(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
