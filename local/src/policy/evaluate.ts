import { type ConditionContext, holds } from './conditions.ts';
import type { NamedPolicy, Statement } from './document.ts';
import { ArnPattern, Pattern, type Variables } from './pattern.ts';
import type { Principal } from './principal.ts';

/** A question to the evaluator. */
export interface Request {
  readonly action: string;
  readonly resource: string;
  readonly conditions: ConditionContext;
  /** Values of policy variables; by default the condition keys of the same name. */
  readonly variables?: Variables;
}

/** The policy of the resource itself, and who is to be found among its principals. */
export interface ResourcePolicy {
  readonly policy: NamedPolicy;
  readonly principal: Principal;
  /**
   * Whether an Allow for the account as a whole counts. By default it does not: AWS reads it as leaving the decision to the
   * identities' own policies. A role's trust policy asks with true, and the identity's policy is asked as well.
   */
  readonly accountIsEnough?: boolean;
}

/** The answer and the statement that decided it, in words for a log line. */
export interface Decision {
  readonly allowed: boolean;
  readonly why: string;
}

/**
 * The decision of AWS IAM and of AWS IoT: an explicit Deny wins, else one Allow is enough, else it is refused
 * (IAM User Guide, "Policy evaluation logic"; same account, no boundaries, no SCPs).
 */
export function evaluate(policies: readonly NamedPolicy[], request: Request, resource?: ResourcePolicy): Decision {
  const candidates: readonly (NamedPolicy & { readonly of?: ResourcePolicy })[] = resource
    ? [...policies, { ...resource.policy, of: resource }]
    : policies;
  let allow: string | undefined;
  for (const { name, document, of } of candidates) {
    for (const statement of document.statements) {
      if (!matches(statement, request) || (of && !namesPrincipal(statement, of))) continue;
      if (statement.effect === 'Deny') return { allowed: false, why: `denied by ${name}, ${statement.label}` };
      allow ??= `allowed by ${name}, ${statement.label}`;
    }
  }
  if (allow) return { allowed: true, why: allow };
  const names = candidates.map(({ name }) => name).join(', ');
  return { allowed: false, why: names === '' ? 'no policy is attached' : `no statement allows it in ${names}` };
}

function matches(statement: Statement, request: Request): boolean {
  const compiled = compile(statement);
  const variables = request.variables ?? contextVariables(request.conditions);
  if (compiled.actions.some((action) => action.matches(request.action, variables)) === statement.notActions)
    return false;
  if (
    compiled.resources &&
    compiled.resources.some((pattern) => pattern.matches(request.resource, variables)) === statement.notResources
  )
    return false;
  return statement.conditions.every((condition) => holds(condition, request.conditions, variables));
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

const contextVariables =
  (context: ConditionContext): Variables =>
  (name) => {
    const value = context[name];
    return typeof value === 'string' ? value : undefined;
  };

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
