import { AwsError } from '../errors.ts';

/** A call to an operation. */
export interface SeenCall {
  readonly service: string;
  readonly operation: string;
  /** ARN. */
  readonly caller: string;
}

/** Which call a fault meets. */
export interface FaultTarget {
  /** Short name of the service, e.g. `iot`. */
  readonly service: string;
  /** e.g. `DetachPolicy`. */
  readonly operation: string;
  /** Which of the calls that match, counted from 1 since the fault was added. @default 1 */
  readonly occurrence?: number;
  /** ARN of the role, user or session that calls. @default anyone */
  readonly caller?: string;
}

/** What happens to that call instead of what it asks for. */
export type FaultEffect =
  /** Refused without effect, or after it. @default error {@link finalFailure} */
  | { readonly kind: 'fail before' | 'fail after'; readonly error?: AwsError }
  /** Refused without effect, as a call beyond the limits. */
  | { readonly kind: 'throttle' }
  /** It has its effect, and no answer until the client gives up. Only for calls over the wire: nobody else gives up. */
  | { readonly kind: 'time out' }
  /**
   * It has its effect twice. Of lambda:Invoke: the event is delivered twice, under one request id.
   *
   * @default again at once
   */
  | { readonly kind: 'answer twice'; readonly again?: Promise<void> }
  /** Something else happens first, and then what the call asks for. What that throws, the call answers instead. */
  | { readonly kind: 'meanwhile'; readonly act: () => Promise<void> }
  /** The process of the Lambda function that calls is killed: the call has no effect, or has had it. */
  | { readonly kind: 'crash before' | 'crash after' }
  /** It is answered at once, and its effect is seen after this many further calls to its service. */
  | { readonly kind: 'seen late'; readonly calls: number };

/** One fault, which is injected once. */
export type Fault = FaultTarget & FaultEffect;

/** An error that no SDK retries. */
export const finalFailure = (): AwsError => new AwsError('InjectedFailure', 'a test injected this failure', 400);

/** An error that every SDK retries. */
export const passingFailure = (): AwsError => new AwsError('InternalFailure', 'a test injected this failure', 500);

/** As AWS's services spell it, whose references give status 400 (IoT, Systems Manager, CloudWatch: common errors). */
export const throttled = (): AwsError => new AwsError('ThrottlingException', 'Rate exceeded', 400);
