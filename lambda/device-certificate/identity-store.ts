import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  ParameterVersionNotFound,
  PutParameterCommand,
  TooManyUpdates,
} from '@aws-sdk/client-ssm';
import { isDeepStrictEqual } from 'node:util';
import { ssm } from './clients.ts';
import { type Identity, isIssued, type PendingIdentity } from './identity.ts';
import { Overtaken } from './overtaken.ts';
import { FIRST_SPECIFICATION } from './specification.ts';

/**
 * The parameters of a device: the current identity, the one before it, which works until someone ends that, and what is
 * about to become the current one, which is there only while that is being made.
 */
export type Slot = 'identity' | 'previous' | 'next';

/** What is in the slot `next`. */
export interface Draft {
  readonly identity: Identity | PendingIdentity;
  /** Of the parameter. */
  readonly version: number;
}

/** In the slot `next`, beside the identity: the version of the parameter that the writer expected to make. */
interface Turn {
  readonly turn?: number;
}

/** The identities of one device in the SSM Parameter Store. */
export class IdentityStore {
  readonly #parameterName: string;

  /** @param parameterName of the slot `identity` */
  constructor(parameterName: string) {
    this.#parameterName = parameterName;
  }

  /** @throws {Error} when the parameter holds something else */
  async read(slot: 'identity' | 'previous'): Promise<Identity | undefined> {
    const identity = (await this.#get(slot))?.identity;
    return identity !== undefined && isIssued(identity) ? identity : undefined;
  }

  /**
   * What counts in the slot `next`. Two runs of an event may write it at once, and the Parameter Store takes the last;
   * here the first counts, since a version that is not the one its writer expected is passed over.
   */
  async readDraft(): Promise<Draft | undefined> {
    const latest = await this.#get('next');
    let draft = latest;
    while (draft?.turn !== undefined && draft.turn !== draft.version) {
      draft = await this.#get('next', draft.version - 1);
    }
    const identity = draft?.identity ?? latest?.identity;
    return latest && identity && { identity, version: latest.version };
  }

  /**
   * Writes the slot `next`.
   *
   * @param before what is there now
   * @throws {Overtaken} when another run has written it since
   */
  async writeDraft(identity: Identity | PendingIdentity, before: Draft | undefined): Promise<Draft> {
    if (before === undefined) return { identity, version: await this.#put('next', identity, false) };
    const turn = before.version + 1;
    const version = await this.#put('next', { ...identity, turn }, true);
    if (version === turn) return { identity, version };
    // That may be our own as well: the SDK tries again when an answer is lost.
    const counts = await this.#get('next', turn);
    if (!isDeepStrictEqual(counts?.identity, identity)) throw new Overtaken();
    return { identity, version };
  }

  async write(slot: 'identity' | 'previous', identity: Identity): Promise<void> {
    await this.#put(slot, identity, true);
  }

  async delete(slot: Slot): Promise<void> {
    try {
      await ssm.send(new DeleteParameterCommand({ Name: this.#name(slot) }));
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
    }
  }

  #name(slot: Slot): string {
    return slot === 'identity' ? this.#parameterName : this.#parameterName.replace(/[^/]*$/, slot);
  }

  async #get(slot: Slot, version?: number): Promise<(Draft & Turn) | undefined> {
    const name = this.#name(slot);
    try {
      const Name = version === undefined ? name : `${name}:${version}`;
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      const { turn, ...identity } = parse(Parameter?.Value ?? '', name);
      return { identity, version: Parameter?.Version ?? 0, ...(turn !== undefined && { turn }) };
    } catch (error) {
      if (error instanceof ParameterNotFound || error instanceof ParameterVersionNotFound) return undefined;
      throw error;
    }
  }

  async #put(slot: Slot, content: PendingIdentity & Turn, overwrite: boolean): Promise<number> {
    try {
      const { Version = 0 } = await ssm.send(
        new PutParameterCommand({
          Name: this.#name(slot),
          Value: JSON.stringify(content),
          Type: 'SecureString',
          Tier: 'Standard',
          Overwrite: overwrite,
        }),
      );
      return Version;
    } catch (error) {
      // Also within 30 s after the parameter was deleted, when AWS wants no new one of that name.
      if (error instanceof ParameterAlreadyExists || error instanceof TooManyUpdates) throw new Overtaken();
      throw error;
    }
  }
}

function parse(value: string, parameterName: string): (Identity | PendingIdentity) & Turn {
  try {
    const content = JSON.parse(value) as Partial<Identity>;
    if (typeof content.thingName === 'string') {
      // The first release, which knew no other identities, wrote neither.
      return { serial: 1, spec: FIRST_SPECIFICATION, ...content } as Identity | PendingIdentity;
    }
  } catch {
    // JSON.parse quotes what it could not read, which may be a key.
  }
  throw new Error(`the SSM parameter ${parameterName} holds no identity; delete it and deploy again`);
}
