import type { Json, Message, Reading, Variables } from '../sql/index.ts';

/** What an action makes its call from. */
export interface ActionInput {
  readonly message: Message;
  /** What the statement selected; for an error action the error message. */
  readonly output: Json | Uint8Array;
  /** From the statement's SET clause. */
  readonly variables: Variables;
  readonly reading: Reading;
}

/** An operation of another service, to be called with the action's role. */
export interface ServiceCall {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  /** Made before it, and done as well when it fails with that code. */
  readonly first?: ServiceCall & { readonly isDone: string };
}

/** An action of a rule, ready to run. */
export interface RuleAction {
  /** As the error message names it (DG, rule-error-handling). */
  readonly name: string;
  /** Table, queue or function, as the rule names it. */
  readonly resource: string;
  /** Undefined where the service calls in its own name, and the policy of the resource has to let it. */
  readonly roleArn: string | undefined;
  /** The one call that carries the action out, the same for every attempt. Throws AwsError or SqlRuntimeError. */
  call(input: ActionInput): ServiceCall;
}
