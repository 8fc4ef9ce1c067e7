// By hand: AWS's own simulator is a call to AWS, and the evaluators on npm know IAM alone or are under the AGPL.

import { type Condition, type ConditionContext, holds } from './conditions.ts';
import type { NamedPolicy, Statement } from './document.ts';
import { allOf, type Answer, anyOf, ArnPattern, Pattern, type Variables } from './pattern.ts';

/** A question to the evaluator. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  /** Of condition keys, and of the policy variables of the same name. */
  readonly conditions: ConditionContext;
  /** Whether keys that are not among `conditions` may have values that the caller does not know; else they have none. */
  readonly partial?: boolean;
}

/** Who makes a call, as a resource's policy names callers. */
export interface Caller {
  /** As GetCallerIdentity answers it and as refusals name it. */
  readonly arn: string;
  readonly account: string;
  /** The role behind a session, or the user itself: what an `AWS` principal of a resource policy names. */
  readonly identityArn: string | undefined;
  /** e.g. `iot.amazonaws.com`, for calls that AWS itself makes. */
  readonly service: string | undefined;
}

/** The policy of the resource itself, and who is to be found among its principals. */
export interface ResourcePolicy {
  readonly policy: NamedPolicy;
  readonly principal: Caller;
  /**
   * Whether an Allow for the account as a whole counts. By default it does not: AWS reads it as leaving the decision to the
   * identities' own policies. A role's trust policy asks with true, and the identity's policy is asked as well.
   */
  readonly accountIsEnough?: boolean;
}

/** A statement, and the name of the policy that it stands in. */
export interface Source {
  readonly policy: string;
  readonly statement: Statement;
}

export type Verdict =
  | ({ readonly outcome: 'allowed' | 'denied' } & Source)
  /** Nothing allows it. */
  | { readonly outcome: 'not allowed' }
  /** It depends on something that is not known, or not understood. */
  | ({ readonly outcome: 'unsure'; readonly reason: string } & Source);

/**
 * The decision of AWS IAM and of AWS IoT: an explicit Deny wins, else one Allow is enough, else it is refused
 * (IAM User Guide, "Policy evaluation logic"; same account, no boundaries, no SCPs).
 */
export function evaluate(policies: readonly NamedPolicy[], request: Request, resource?: ResourcePolicy): Verdict {
  const candidates: readonly (NamedPolicy & { readonly of?: ResourcePolicy })[] = resource
    ? [...policies, { of: resource, ...resource.policy }]
    : policies;
  let allow: Source | undefined;
  const doubts: (Source & { readonly reason: string })[] = [];
  for (const { name, document, of } of candidates) {
    for (const statement of document.statements) {
      if (of && !namesPrincipal(statement, of)) continue;
      const answer = applies(statement, request);
      if (answer === false) continue;
      const source = { policy: name, statement };
      if (answer !== true) doubts.push({ ...source, reason: answer });
      else if (statement.effect === 'Deny') return { outcome: 'denied', ...source };
      else allow ??= source;
    }
  }
  const doubt = doubts.find(({ statement }) => !allow || statement.effect === 'Deny');
  if (doubt) return { outcome: 'unsure', ...doubt };
  return allow ? { outcome: 'allowed', ...allow } : { outcome: 'not allowed' };
}

function applies(statement: Statement, request: Request): Answer {
  if (!concerns(statement, request)) return false;
  const conditions = statement.conditions.map((condition) => meets(condition, request));
  return allOf([statement.problem?.member ?? true, covers(statement, request), ...conditions]);
}

/** Whether a statement is about the action of a request. */
export function concerns(statement: Statement, { action }: Request): boolean {
  return compile(statement).actions.some((one) => one.matches(action, none) === true) !== statement.notActions;
}

/** Whether the resource of a request is among those of a statement. */
export function covers(statement: Statement, { resource, conditions, partial }: Request): Answer {
  const { resources } = compile(statement);
  if (!resources) return true;
  const answer = anyOf(resources.map((pattern) => pattern.matches(resource, variablesOf(conditions))));
  return typeof answer === 'boolean' ? answer !== statement.notResources : partial ? answer : statement.notResources;
}

/** Whether a request meets a condition of a statement. */
export function meets(condition: Condition, { conditions, partial }: Request): Answer {
  return holds(condition, conditions, variablesOf(conditions), partial);
}

function namesPrincipal(statement: Statement, { principal, accountIsEnough }: ResourcePolicy): boolean {
  const ofAccount = principal.service === undefined && (statement.effect === 'Deny' || accountIsEnough === true);
  return (statement.principals ?? []).some(({ type, value }) => {
    if (type === '*' || (type === 'AWS' && value === '*')) return true;
    if (type === 'Service') return principal.service === value;
    if (type === 'Federated') return false;
    if (value === principal.account || value === `arn:aws:iam::${principal.account}:root`) return ofAccount;
    return value === principal.arn || value === principal.identityArn;
  });
}

const variablesOf =
  (context: ConditionContext): Variables =>
  (name) => {
    const value = context[name];
    return typeof value === 'string' ? value : undefined;
  };

const none: Variables = () => undefined;

interface Compiled {
  readonly actions: readonly Pattern[];
  readonly resources: readonly ArnPattern[] | undefined;
}
const compiledStatements = new WeakMap<Statement, Compiled>();

// A statement is compiled when it is first asked about: once per document, however many calls and messages follow.
function compile(statement: Statement): Compiled {
  let compiled = compiledStatements.get(statement);
  if (!compiled) {
    compiled = {
      actions: statement.actions.map((action) => new Pattern(action, { ignoreCase: true, variables: false })),
      resources: statement.resources?.map((resource) => new ArnPattern(resource)),
    };
    compiledStatements.set(statement, compiled);
  }
  return compiled;
}
