import type { NamedPolicy } from './document.ts';

/** Who makes a call: an IAM user, a session of an assumed role, or an AWS service. */
export interface Principal {
  /** As GetCallerIdentity answers it and as refusals name it. */
  readonly arn: string;
  readonly account: string;
  /** UserId of GetCallerIdentity. */
  readonly userId: string;
  /** The role behind a session, or the user itself: what an `AWS` principal of a resource policy names. */
  readonly identityArn: string | undefined;
  /** e.g. `iot.amazonaws.com`, for calls that AWS itself makes. */
  readonly service: string | undefined;
  /** The resource on whose behalf a service calls. */
  readonly sourceArn?: string;
  /** Of the credentials that the call over the wire was signed with, where they are a session's. */
  readonly accessKeyId?: string;
  /** The identity's policies as they are now: a change to a role reaches sessions that are already out. */
  policies(): readonly NamedPolicy[];
}
