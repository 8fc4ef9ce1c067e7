import { createHash } from 'node:crypto';
import type { FleetDevice } from './read.ts';

/*
 * What is known of a device whose board makes its key stands in three attributes of its thing, which is as many as a thing
 * without a type has (API Reference, AttributePayload). DescribeThing reads them with a version, and UpdateThing writes them
 * only if that is still the version: so of two that change them, one is told.
 */

/** The generation that the fleet file wants, or {@link REVOKED}. A thing without it is one whose key is made elsewhere. */
export const WANTS = 'wants';

/** The newest certificate that was admitted: `<generation>:<certificate id>`. */
export const HAS = 'has';

/** By which code a board may enrol, see {@link Code}. */
export const CODE = 'code';

/** Stands for a generation where a device is revoked. */
export const REVOKED = 'revoked';

/** What is kept of a one-time code: `<hash>:<expires>`, and once it was used, `:<key>`. */
export interface Code {
  /** SHA-256 of its characters, in hexadecimal digits. */
  readonly hash: string;
  /** Seconds since 1970. */
  readonly expires: number;
  /** Of the public key that has used it, the first 32 hexadecimal digits of the SHA-256 of its SubjectPublicKeyInfo: that one may ask again, since its answer may be lost. */
  readonly key?: string;
}

/** What the attributes of a thing say. */
export interface Enrolment {
  /** Undefined when the board of the device makes no key. */
  readonly wants: string | undefined;
  readonly has: { readonly generation: number; readonly certificateId: string } | undefined;
  readonly code: Code | undefined;
}

/** What is written in another form counts as absent. */
export function enrolmentIn(attributes: Readonly<Record<string, string>>): Enrolment {
  const [, generation, certificateId = ''] = /^(\d+):([0-9a-f]{64})$/.exec(attributes[HAS] ?? '') ?? [];
  const [, hash = '', expires, key] = /^([0-9a-f]{64}):(\d+)(?::([0-9a-f]{32}))?$/.exec(attributes[CODE] ?? '') ?? [];
  return {
    wants: attributes[WANTS],
    has: generation === undefined ? undefined : { generation: Number(generation), certificateId },
    code: expires === undefined ? undefined : { hash, expires: Number(expires), ...(key !== undefined && { key }) },
  };
}

/** As the attribute {@link HAS} has it. */
export function hasText(generation: number | string, certificateId: string): string {
  return `${generation}:${certificateId}`;
}

/** Of the characters of a code. */
export function codeHash(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}

/** As the attribute {@link CODE} has it. */
export function codeText({ hash, expires, key }: Code): string {
  return [hash, expires, ...(key === undefined ? [] : [key])].join(':');
}

/** What the attribute {@link WANTS} of a device's thing says, as its fleet file has it. */
export function wantedOf({ revoked, generations }: Pick<FleetDevice, 'revoked' | 'generations'>): string {
  return revoked ? REVOKED : String(generations.at(-1)?.number);
}
