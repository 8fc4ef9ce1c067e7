import type { NamedPolicy, PolicyDocument } from '../../../../policy/document.ts';
import type { Pace } from '../../pace/pace.ts';
import { Spreading } from '../../pace/spreading.ts';
import type { Account } from '../../service.ts';
import type { Collection, State } from '../../state/state.ts';
import { notFound } from '../names.ts';
import { observedCollection } from './observed-collection.ts';
import { parsePolicyDocument } from './policy-document.ts';

export interface Thing {
  readonly name: string;
  readonly id: string;
  readonly attributes: Record<string, string>;
  readonly version: number;
}

export interface PolicyVersion {
  readonly document: string;
  readonly created: Date;
}

export interface Policy {
  readonly name: string;
  readonly created: Date;
  modified: Date;
  /** By version id: `1`, `2`, ... */
  versions: Record<string, PolicyVersion>;
  defaultVersion: string;
  /** Ids are not given twice, so the last one outlives its version. */
  lastVersion: number;
  /** When it was last taken from a certificate. */
  detached?: Date;
}

export interface Certificate {
  /** SHA-256 of the DER, in hex, as AWS names its certificates. */
  readonly id: string;
  readonly pem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly created: Date;
  modified: Date;
  /** PENDING_ACTIVATION: made by a device that is to be provisioned (DG, fleet-provision-api). */
  status: 'ACTIVE' | 'INACTIVE' | 'REVOKED' | 'PENDING_ACTIVATION';
}

export interface ThingAttachment {
  readonly thingName: string;
  readonly certificateId: string;
  /** EXCLUSIVE_THING: the certificate belongs to this thing alone. */
  readonly exclusive: boolean;
  /** When its end was asked for, which takes its time. */
  readonly detached?: Date;
}

export interface PolicyAttachment {
  readonly policyName: string;
  readonly certificateId: string;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Things, certificates, policies, and what is attached to what. */
export class Registry {
  readonly account: Account;
  readonly things: Collection<Thing>;
  readonly policies: Collection<Policy>;
  readonly certificates: Collection<Certificate>;
  /** By `attachmentKey(thing, certificate)`. */
  readonly thingAttachments: Collection<ThingAttachment>;
  /** By `attachmentKey(policy, certificate)`. */
  readonly policyAttachments: Collection<PolicyAttachment>;
  /** By the ARN of the tagged resource. */
  readonly tags: Collection<Tag[]>;
  readonly #certificateWatchers: ((certificate: Certificate) => void)[] = [];
  readonly #pace: Pace;
  readonly #spreadingThings = new Spreading<Thing>();
  readonly #detaching = new Map<string, NodeJS.Timeout>();
  readonly #documents = new Map<string, PolicyDocument>();
  #revision = 0;

  constructor(state: State, account: Account, pace: Pace) {
    this.account = account;
    this.#pace = pace;
    const collection = <T>(name: string): Collection<T> =>
      observedCollection(state.collection<T>(name), () => void (this.#revision += 1));
    this.things = collection('iot.things');
    this.policies = collection('iot.policies');
    this.thingAttachments = collection('iot.thing-attachments');
    this.policyAttachments = collection('iot.policy-attachments');
    this.tags = state.collection('iot.tags');
    this.certificates = observedCollection(state.collection<Certificate>('iot.certificates'), (certificate) => {
      this.#revision += 1;
      if (certificate) for (const watcher of this.#certificateWatchers) watcher(certificate);
    });
    // What was detached before a restart has had its time.
    for (const { thingName, certificateId, detached } of [...this.thingAttachments.values()])
      if (detached) this.thingAttachments.delete(attachmentKey(thingName, certificateId));
  }

  /** Rises with every change that a decision about a device may depend on. */
  get revision(): number {
    return this.#revision;
  }

  /** Calls back when a certificate is made or changes its status. */
  watchCertificates(watcher: (certificate: Certificate) => void): void {
    this.#certificateWatchers.push(watcher);
  }

  thing(name: string): Thing {
    return this.things.get(name) ?? fail(`Thing ${name} not found.`);
  }

  /** Gives a thing other attributes, and so its next version. */
  changeThing(thing: Thing, attributes: Record<string, string>): void {
    this.#spreadingThings.change(thing.name, thing, this.#pace.lag('thing-updated'));
    this.things.set(thing.name, { ...thing, attributes, version: thing.version + 1 });
  }

  /** As DescribeThing shows it, which may be behind. */
  describedThing(name: string): Thing {
    const thing = this.thing(name);
    const seen = this.#spreadingThings.seen(name, thing);
    return seen?.id === thing.id ? seen : thing; // of that name there may have been another one
  }

  policy(name: string): Policy {
    return this.policies.get(name) ?? fail(`Policy not found (name=${name})`);
  }

  certificate(id: string): Certificate {
    return this.certificates.get(id) ?? fail(`The certificate given in the principal does not exist. Id: ${id}`);
  }

  attachThing(attachment: ThingAttachment): void {
    const key = attachmentKey(attachment.thingName, attachment.certificateId);
    clearTimeout(this.#detaching.get(key));
    this.#detaching.delete(key);
    this.thingAttachments.set(key, attachment);
  }

  /** Takes a certificate from its thing; by the pace of AWS it takes effect later. */
  detachThing(thingName: string, certificateId: string): void {
    const key = attachmentKey(thingName, certificateId);
    const attachment = this.thingAttachments.get(key);
    if (!attachment || this.#detaching.has(key)) return;
    const lag = this.#pace.lag('thing-detached');
    if (lag === 0) {
      this.thingAttachments.delete(key);
      return;
    }
    this.thingAttachments.set(key, { ...attachment, detached: new Date() });
    const end = (): void => {
      this.#detaching.delete(key);
      this.thingAttachments.delete(key);
    };
    this.#detaching.set(key, setTimeout(end, lag).unref());
  }

  /** Takes a policy from a certificate; that it was is remembered, since it hinders the policy's deletion for a while. */
  detachPolicy(policyName: string, certificateId: string): void {
    const policy = this.policies.get(policyName);
    if (this.policyAttachments.delete(attachmentKey(policyName, certificateId)) && policy)
      this.policies.set(policyName, { ...policy, detached: new Date() });
  }

  /** Whether AWS still takes a policy for attached, though nothing shows it. */
  isDetaching({ detached }: Policy): boolean {
    return detached !== undefined && Date.now() < detached.getTime() + this.#pace.lag('policy-detached');
  }

  /** Nothing takes effect any more. */
  close(): void {
    for (const timer of this.#detaching.values()) clearTimeout(timer);
  }

  thingAttachmentsOf(by: Partial<ThingAttachment>): ThingAttachment[] {
    return [...this.thingAttachments.values()].filter(
      ({ thingName, certificateId }) =>
        (by.thingName ?? thingName) === thingName && (by.certificateId ?? certificateId) === certificateId,
    );
  }

  policyAttachmentsOf(by: Partial<PolicyAttachment>): PolicyAttachment[] {
    return [...this.policyAttachments.values()].filter(
      ({ policyName, certificateId }) =>
        (by.policyName ?? policyName) === policyName && (by.certificateId ?? certificateId) === certificateId,
    );
  }

  /** The default versions of the policies attached to a certificate, as they are now. */
  policiesOf(certificateId: string): NamedPolicy[] {
    return this.policyAttachmentsOf({ certificateId }).map(({ policyName }) => {
      const { versions, defaultVersion } = this.policy(policyName);
      return { name: policyName, document: this.#parsed(versions[defaultVersion]?.document ?? '') };
    });
  }

  /**
   * The thing that a connection stands for: the one that the certificate is exclusively attached to, else the attached one
   * whose name is the client id (DG, exclusive-thing).
   */
  thingOf(certificateId: string, clientId: string): Thing | undefined {
    const attachment = this.thingAttachmentsOf({ certificateId }).find(
      ({ exclusive, thingName }) => exclusive || thingName === clientId,
    );
    return attachment && this.things.get(attachment.thingName);
  }

  // The evaluator compiles a document once, as long as it is the same object.
  #parsed(text: string): PolicyDocument {
    const document = this.#documents.get(text) ?? parsePolicyDocument(text);
    this.#documents.set(text, document);
    return document;
  }
}

/** Neither kind of name holds a slash. */
export const attachmentKey = (name: string, certificateId: string): string => `${name}/${certificateId}`;

const fail = (message: string): never => {
  throw notFound(message);
};
