import { answerTo, type Answer, type Event, eventFor, logicalIdOf, type Properties } from './cloudformation.ts';
import type { FakeAws } from './fake-aws.ts';

/** What the fleet file says of the device `shed`. */
export interface Entry {
  readonly generations: readonly number[];
  readonly revoked?: boolean;
  readonly keyType?: string;
  /** The certificate that its board had before, as its first generation, and what that keeps. */
  readonly certificateId?: string;
  readonly policies?: readonly string[];
}

interface Resource {
  readonly physicalId: string;
  readonly properties: Properties;
}

/** An id of CloudFormation's own invention, for what never answered. */
export const INVENTED = 'shedCertificate-1ABCDEFGHIJKL';

/** CloudFormation, as far as the certificates of one device see it, with its odd corners. */
export class FakeStack {
  readonly aws: FakeAws;
  /** By generation. */
  resources = new Map<number, Resource>();
  /** Every event that was delivered. */
  readonly events: Event[] = [];

  constructor(aws: FakeAws) {
    this.aws = aws;
  }

  /**
   * Brings the device to what its entry says, and rolls that back when it fails, or when something else in the stack does.
   *
   * @returns whether it succeeded
   */
  async deploy(entry: Entry, somethingElse: 'succeeds' | 'fails' = 'succeeds'): Promise<boolean> {
    const before = new Map(this.resources);
    const wanted = new Map(
      entry.generations.map((generation): [number, Properties] => {
        const { revoked = false, keyType, certificateId, policies } = entry;
        const existing = generation === 1 &&
          certificateId !== undefined && { certificateId, ...(policies && { policies }) };
        return [generation, { generation, revoked, ...(keyType !== undefined && { keyType }), ...existing }];
      }),
    );
    let isDone = true;
    for (const [generation, properties] of wanted) {
      const there = before.get(generation);
      isDone = there === undefined ? await this.#create(properties) : await this.#update(there, properties);
      if (!isDone) break;
    }
    if (!isDone || somethingElse === 'fails') {
      await this.#rollBack(before);
      return false;
    }
    // A clean-up that fails is abandoned.
    for (const generation of before.keys()) if (!wanted.has(generation)) await this.#delete(generation);
    return true;
  }

  async #create(properties: Properties): Promise<boolean> {
    const { generation = 1 } = properties;
    this.aws.resources.set(logicalIdOf(generation), { status: 'CREATE_IN_PROGRESS' });
    const answer = await this.#invoke(eventFor('Create', properties));
    this.resources.set(generation, { physicalId: answer?.PhysicalResourceId ?? INVENTED, properties });
    this.#show(generation, answer?.Status === 'SUCCESS' ? 'CREATE_COMPLETE' : 'CREATE_FAILED');
    return answer?.Status === 'SUCCESS';
  }

  async #update({ physicalId, properties: before }: Resource, properties: Properties): Promise<boolean> {
    const { generation = 1 } = properties;
    if (JSON.stringify(before) === JSON.stringify(properties)) return true;
    this.resources.set(generation, { physicalId, properties });
    const answer = await this.#invoke(eventFor('Update', { ...properties, physicalId }, before));
    this.#show(generation, 'UPDATE_COMPLETE');
    return answer?.Status === 'SUCCESS';
  }

  /** Runs the updates back, again when that fails, as the operator would continue the rollback. */
  async #rollBack(to: ReadonlyMap<number, Resource>): Promise<void> {
    for (const [generation, now] of this.resources) {
      const before = to.get(generation);
      const isBack = before === undefined || before.properties === now.properties;
      for (let tries = 0; !isBack && !(await this.#update(now, before.properties)); tries++)
        if (tries === 2) throw new Error('the rollback fails again and again');
      if (before === undefined) await this.#delete(generation);
    }
  }

  async #delete(generation: number): Promise<boolean> {
    const resource = this.resources.get(generation);
    if (resource === undefined) return true;
    this.#show(generation, 'DELETE_IN_PROGRESS');
    const { physicalId, properties } = resource;
    const answer = await this.#invoke(eventFor('Delete', { ...properties, physicalId }));
    this.resources.delete(generation);
    this.aws.resources.delete(logicalIdOf(generation));
    return answer?.Status === 'SUCCESS';
  }

  #show(generation: number, status: string): void {
    const { physicalId = '' } = this.resources.get(generation) ?? {};
    this.aws.resources.set(logicalIdOf(generation), { status, physicalId });
  }

  /** As Lambda: up to three runs. Without an answer, CloudFormation waits until its ServiceTimeout. */
  async #invoke(event: Event): Promise<Answer | undefined> {
    this.events.push(event);
    for (let run = 0; run < 3; run++) {
      this.aws.revive();
      const answer = await answerTo(event);
      if (!this.aws.isDead) return answer;
    }
    return undefined;
  }
}
