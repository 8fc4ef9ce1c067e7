import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { type Answer, answerTo, eventFor, type Properties } from './cloudformation.ts';
import type { FakeAws } from './fake-aws.ts';

interface Resource {
  readonly physicalId: string;
  readonly properties: Properties;
}

/** Runs an event as Lambda would. Without an answer, CloudFormation waits until its ServiceTimeout. */
type Invoke = (event: CloudFormationCustomResourceEvent) => Promise<Answer | undefined>;

/** CloudFormation, as far as one custom resource sees it, with its odd corners (FACTS.md). */
export class FakeStack {
  resource: Resource | undefined;
  invoke: Invoke;

  constructor(aws: FakeAws) {
    this.invoke = lambda(aws);
  }

  /**
   * Creates or updates the resource, and rolls that back when it fails, or when something else in the stack does.
   *
   * @returns whether the deployment succeeded
   */
  async deploy(properties: Properties, somethingElse: 'succeeds' | 'fails' = 'succeeds'): Promise<boolean> {
    const before = this.resource;
    if (before === undefined) {
      const answer = await this.invoke(eventFor('Create', properties));
      if (answer?.Status === 'SUCCESS' && somethingElse === 'succeeds') {
        this.resource = { physicalId: answer.PhysicalResourceId, properties };
        return true;
      }
      // Where nothing was answered, CloudFormation invents an id.
      const physicalId = answer?.PhysicalResourceId ?? 'shedCertificate-1ABCDEFGHIJKL';
      await this.invoke(eventFor('Delete', { ...properties, physicalId }));
      return false;
    }

    const answer = await this.invoke(eventFor('Update', { ...properties, physicalId: before.physicalId }));
    const physicalId = answer?.PhysicalResourceId ?? before.physicalId;
    if (answer?.Status === 'SUCCESS' && somethingElse === 'succeeds') {
      this.resource = { physicalId, properties };
      await this.#replace(before, physicalId);
      return true;
    }
    await this.#rollBack(before, { physicalId, properties });
    return false;
  }

  /** Runs the Update back, again when it fails, as the operator would continue the rollback. */
  async #rollBack(to: Resource, from: Resource): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await this.invoke(eventFor('Update', { ...to.properties, physicalId: from.physicalId }));
      if (answer?.Status !== 'SUCCESS') continue;
      this.resource = { ...to, physicalId: answer.PhysicalResourceId };
      await this.#replace(from, answer.PhysicalResourceId);
      return;
    }
    throw new Error('the rollback fails again and again');
  }

  /** A clean-up that fails is abandoned. */
  async #replace({ physicalId, properties }: Resource, by: string): Promise<void> {
    if (physicalId !== by) await this.invoke(eventFor('Delete', { ...properties, physicalId }));
  }

  /** @returns whether the resource is gone; otherwise the deletion may be tried again */
  async destroy(): Promise<boolean> {
    if (this.resource === undefined) return true;
    const { physicalId, properties } = this.resource;
    const answer = await this.invoke(eventFor('Delete', { ...properties, physicalId }));
    if (answer?.Status !== 'SUCCESS') return false;
    this.resource = undefined;
    return true;
  }
}

/** How many times Lambda runs an event that crashes. */
const RUNS = 3;

export function lambda(aws: FakeAws): Invoke {
  return async (event) => {
    for (let run = 0; run < RUNS; run++) {
      aws.revive();
      const answer = await answerTo(event);
      if (!aws.isDead) return answer;
    }
    return undefined;
  };
}
