import type { NamedPolicy } from '../../../policy/document.ts';
import type { Caller } from '../../../policy/evaluate.ts';

/** Who makes a call: an IAM user, a session of an assumed role, or an AWS service. */
export interface Principal extends Caller {
  /** UserId of GetCallerIdentity. */
  readonly userId: string;
  /** The resource on whose behalf a service calls. */
  readonly sourceArn?: string;
  /** Of the credentials that the call over the wire was signed with, where they are a session's. */
  readonly accessKeyId?: string;
  /** The identity's policies as they are now: a change to a role reaches sessions that are already out. */
  policies(): readonly NamedPolicy[];
}
