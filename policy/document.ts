import { type Condition, isConditionOperator } from './conditions.ts';

/** A policy of IAM or AWS IoT after parsing: lists everywhere, nothing optional left open. */
export interface PolicyDocument {
  readonly statements: readonly Statement[];
}

export interface Statement {
  /** The Sid, or its number, counted from 1. */
  readonly label: string;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  /** NotAction instead of Action. */
  readonly notActions: boolean;
  /** Undefined in a trust policy, which has none. */
  readonly resources: readonly string[] | undefined;
  readonly notResources: boolean;
  /** Undefined in an identity's policy. `*` stands for everyone. */
  readonly principals: readonly PrincipalPattern[] | undefined;
  readonly conditions: readonly Condition[];
  /** The first member that is not understood. The statement may mean something else on account of it. */
  readonly problem?: Problem;
}

export interface Problem {
  /** Such as `Effect`. */
  readonly member: string;
  readonly why: string;
}

export interface PrincipalPattern {
  readonly type: 'AWS' | 'Service' | 'Federated' | '*';
  readonly value: string;
}

/** A policy under the name by which a refusal mentions it. */
export interface NamedPolicy {
  readonly name: string;
  readonly document: PolicyDocument;
}

/** Why a document is no policy: one line that names the place. */
export class PolicySyntaxError extends Error {}

/** Parses a policy document. Throws PolicySyntaxError for what AWS would call a malformed policy. */
export function parsePolicy(text: string): PolicyDocument {
  const { statements, problem } = readPolicy(text);
  if (problem) throw new PolicySyntaxError(`${problem.member} ${problem.why}`);
  for (const [index, { problem }] of statements.entries())
    if (problem) throw new PolicySyntaxError(`statement ${index + 1}: ${problem.member} ${problem.why}`);
  return { statements };
}

/** As much of a policy document as is understood; what is no policy is one statement that is not understood. */
export function readPolicy(text: string): PolicyDocument & { readonly problem?: Problem } {
  const none = (member: string, why: string) => {
    const problem = { member, why };
    return { statements: [{ ...readStatement({}, '1'), problem }], problem };
  };
  try {
    const { Version, Statement } = objectOf(JSON.parse(text));
    // Left out, it is the older one (IAM User Guide, "Version"); CDK's bootstrap template does so.
    if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17')
      return none('Version', 'must be "2012-10-17"');
    const statements = [Statement].flat().map((statement, index) => readStatement(statement, String(index + 1)));
    return statements.length === 0 ? { statements, problem: { member: 'Statement', why: 'is empty' } } : { statements };
  } catch (error) {
    return none('the document', error instanceof PolicySyntaxError ? error.message : 'is not JSON');
  }
}

function readStatement(json: unknown, number: string): Statement {
  let problem: Problem | undefined;
  const read = <T>(member: string, parse: () => T, otherwise: NoInfer<T>): T => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof PolicySyntaxError)) throw error;
      problem ??= { member, why: error.message };
      return otherwise;
    }
  };
  const members = read('Statement', () => objectOf(json), {});
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Principal, Condition, ...others } = members;
  for (const member of Object.keys(others))
    problem ??= { member, why: member === 'NotPrincipal' ? 'is not supported here' : 'is an unknown member' };
  const resources = Resource ?? NotResource;
  return {
    label: typeof Sid === 'string' && Sid !== '' ? Sid : number,
    effect: read('Effect', () => parseEffect(Effect), 'Deny'),
    actions: read('Action', () => strings(Action ?? NotAction), ['*']),
    notActions: Action === undefined && NotAction !== undefined,
    resources: resources === undefined ? undefined : read('Resource', () => strings(resources), ['*']),
    notResources: Resource === undefined,
    principals: Principal === undefined ? undefined : read('Principal', () => parsePrincipals(Principal), []),
    conditions: Condition === undefined ? [] : read('Condition', () => parseConditions(Condition), []),
    ...(problem && { problem }),
  };
}

function parseEffect(json: unknown): Statement['effect'] {
  if (json !== 'Allow' && json !== 'Deny') throw new PolicySyntaxError('must be Allow or Deny');
  return json;
}

function parsePrincipals(json: unknown): PrincipalPattern[] {
  if (json === '*') return [{ type: '*', value: '*' }];
  return Object.entries(objectOf(json)).flatMap(([type, values]) => {
    if (type !== 'AWS' && type !== 'Service' && type !== 'Federated')
      throw new PolicySyntaxError(`has the type ${type}, which is not known`);
    return strings(values).map((value) => ({ type, value }) as const);
  });
}

function parseConditions(json: unknown): Condition[] {
  return Object.entries(objectOf(json)).flatMap(([operator, keys]) => {
    if (!isConditionOperator(operator)) throw new PolicySyntaxError(`has the operator ${operator}, which is not known`);
    return Object.entries(objectOf(keys)).map(([key, values]) => ({
      operator,
      key,
      values: [values].flat().map(String),
    }));
  });
}

function strings(value: unknown): string[] {
  const list: unknown[] = [value].flat();
  if (list.length === 0 || !list.every((item) => typeof item === 'string'))
    throw new PolicySyntaxError('must be a string or a list of strings');
  return list;
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PolicySyntaxError('is not an object');
  return value as Record<string, unknown>;
}
