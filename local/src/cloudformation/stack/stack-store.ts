import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import { randomUUID } from 'node:crypto';
import type { Collection, State } from '../../state/state.ts';
import { type ChangeSet, type Stack, type StackResource, type StoredEvent, isDeleted } from './stack.ts';

/** What an event says beside its stack, id and time. */
export interface EventDetails {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  /** Of a resource, or of the stack itself, which the SDK's type leaves out. */
  readonly ResourceStatus: ResourceStatus | StackStatus;
  readonly ResourceStatusReason: string | undefined;
  readonly OperationId: string | undefined;
  readonly ClientRequestToken: string | undefined;
}

/** All stacks, the deleted ones with their events too, and their change sets. */
export class StackStore {
  /** By ARN. */
  readonly changeSets: Collection<ChangeSet>;
  readonly #stacks: Collection<Stack>;
  readonly #resources: Collection<StackResource>;
  readonly #events: Collection<StoredEvent>;
  // The collections know their keys alone; a stack's own lists would otherwise be searched for at every call.
  readonly #resourcesOf = new Map<string, Map<string, StackResource>>();
  readonly #eventsOf = new Map<string, StoredEvent[]>();

  constructor(state: State) {
    this.#stacks = state.collection('cloudformation.stacks');
    this.#resources = state.collection('cloudformation.resources');
    this.#events = state.collection('cloudformation.events');
    this.changeSets = state.collection('cloudformation.change-sets');
    for (const resource of this.#resources.values()) this.resources(resource.stackId).set(resource.logicalId, resource);
    const byTime = [...this.#events.values()].sort((a, b) => Number(a.Timestamp) - Number(b.Timestamp));
    for (const event of byTime) this.events(event.StackId).push(event);
  }

  stacks(): Stack[] {
    return [...this.#stacks.values()];
  }

  /** By ARN, or by name among those that are not deleted. */
  find(nameOrArn: string): Stack | undefined {
    return this.#stacks.get(nameOrArn) ?? this.stacks().find((stack) => stack.name === nameOrArn && !isDeleted(stack));
  }

  save(stack: Stack): void {
    this.#stacks.set(stack.id, stack);
  }

  resources(stackId: string): Map<string, StackResource> {
    const resources = this.#resourcesOf.get(stackId) ?? new Map<string, StackResource>();
    this.#resourcesOf.set(stackId, resources);
    return resources;
  }

  saveResource(resource: StackResource): void {
    this.resources(resource.stackId).set(resource.logicalId, resource);
    this.#resources.set(`${resource.stackId}/${resource.logicalId}`, resource);
  }

  deleteResource({ stackId, logicalId }: StackResource): void {
    this.resources(stackId).delete(logicalId);
    this.#resources.delete(`${stackId}/${logicalId}`);
  }

  changeSetsOf(stack: Stack): ChangeSet[] {
    return [...this.changeSets.values()].filter(({ stackId }) => stackId === stack.id);
  }

  /** The events of a stack, oldest first. */
  events(stackId: string): StoredEvent[] {
    const events = this.#eventsOf.get(stackId) ?? [];
    this.#eventsOf.set(stackId, events);
    return events;
  }

  addEvent({ id, name }: Stack, details: EventDetails): void {
    const events = this.events(id);
    // The CDK CLI tells new events from old ones by time, so no two of a stack may share one.
    const last = events.at(-1)?.Timestamp?.getTime() ?? 0;
    const event: StoredEvent = {
      ...details,
      ResourceStatus: details.ResourceStatus as ResourceStatus,
      StackId: id,
      StackName: name,
      EventId: randomUUID(),
      Timestamp: new Date(Math.max(Date.now(), last + 1)),
    };
    events.push(event);
    this.#events.set(`${id}/${event.EventId}`, event);
  }
}
