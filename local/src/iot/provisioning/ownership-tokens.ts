import { randomBytes } from 'node:crypto';
import { AwsError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Readings } from '../../readings.ts';
import type { Collection, State } from '../../state/state.ts';
import { type Registry, attachmentKey } from '../registry/registry.ts';

interface OwnershipToken {
  readonly token: string;
  readonly certificateId: string;
  readonly expires: Date;
  /** It has provisioned a device. */
  readonly used: boolean;
}

/** A token while it provisions a device. */
export interface TokenUse {
  readonly certificateId: string;
  succeeded(): void;
  end(): void;
}

export interface OwnershipTokensOptions {
  readonly state: State;
  readonly registry: Registry;
  readonly readings: Readings;
  readonly log: Log;
  /** That a token is valid for. */
  readonly seconds: number;
}

// Code and first message as aws/aws-iot-device-sdk-js-v2 issue 69 has them.
const invalidToken = (message: string): AwsError => new AwsError('InvalidCertificateOwnershipToken', message, 400);

/** What proves that a certificate was made for whoever provisions it, for an hour (DG, fleet-provision-api). */
export class OwnershipTokens {
  readonly #options: OwnershipTokensOptions;
  readonly #tokens: Collection<OwnershipToken>;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #connections = new Map<string, object>();
  readonly #inUse = new Set<string>();

  constructor(options: OwnershipTokensOptions) {
    this.#options = options;
    this.#tokens = options.state.collection('iot.ownership-tokens');
    for (const token of [...this.#tokens.values()]) this.#watch(token);
  }

  /** A new token for a new certificate, which is deleted with it unless it is in use by then. */
  give(certificateId: string, connection: object): string {
    const expires = new Date(Date.now() + this.#options.seconds * 1000);
    const token = { token: randomBytes(48).toString('base64url'), certificateId, expires, used: false };
    this.#tokens.set(token.token, token);
    this.#connections.set(token.token, connection);
    this.#watch(token);
    return token.token;
  }

  /** Throws InvalidCertificateOwnershipToken for what is not, or no longer, a token that may be used over this connection. */
  use(token: unknown, connection: object): TokenUse {
    if (typeof token !== 'string' || token === '') throw invalidToken('Certificate ownership token cannot be empty.');
    const found = this.#tokens.get(token);
    const reading = this.#options.readings['ownership-token'];
    if (!found || found.expires.getTime() <= Date.now()) throw invalidToken('The token is none, or has expired.');
    if (reading === 'same-connection' && this.#connections.get(token) !== connection)
      throw invalidToken('The token was given over another connection.');
    if (reading === 'once' && (found.used || this.#inUse.has(token))) throw invalidToken('The token was used before.');
    this.#inUse.add(token);
    return {
      certificateId: found.certificateId,
      succeeded: () => this.#tokens.has(token) && this.#tokens.set(token, { ...found, used: true }),
      end: () => void this.#inUse.delete(token),
    };
  }

  /** Nothing expires any more. */
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #watch({ token, expires, certificateId }: OwnershipToken): void {
    const end = (): void => this.#expire(token, certificateId);
    this.#timers.set(token, setTimeout(end, Math.max(0, expires.getTime() - Date.now())).unref());
  }

  #expire(token: string, certificateId: string): void {
    const { registry, log } = this.#options;
    this.#tokens.delete(token);
    this.#timers.delete(token);
    this.#connections.delete(token);
    const certificate = registry.certificates.get(certificateId);
    if (!certificate) return;
    const [policies, things] = [
      registry.policyAttachmentsOf({ certificateId }),
      registry.thingAttachmentsOf({ certificateId }),
    ];
    // "Hasn't been activated and attached to a policy or a thing by the time the token expires."
    if (certificate.status !== 'PENDING_ACTIVATION' && policies.length + things.length > 0) return;
    for (const { policyName } of policies) registry.detachPolicy(policyName, certificateId);
    for (const { thingName } of things) registry.thingAttachments.delete(attachmentKey(thingName, certificateId));
    // So that a session of it ends.
    registry.certificates.set(certificateId, { ...certificate, status: 'INACTIVE' });
    registry.certificates.delete(certificateId);
    log.info(`the certificate ${certificateId} is deleted: it was not provisioned while its token was valid`);
  }
}
