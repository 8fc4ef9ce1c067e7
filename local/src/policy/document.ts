import { type Condition, isConditionOperator } from './conditions.ts';

/** A policy of IAM or AWS IoT after parsing: lists everywhere, nothing optional left open. */
export interface PolicyDocument {
  readonly statements: readonly Statement[];
}

export interface Statement {
  /** The Sid, or `statement N` counted from 1: what a refusal names. */
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

const MEMBERS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);

/** Parses a policy document. Throws PolicySyntaxError for what AWS would call a malformed policy. */
export function parsePolicy(text: string): PolicyDocument {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new PolicySyntaxError('the document is not JSON');
  }
  if (!isObject(json)) throw new PolicySyntaxError('the document is not a JSON object');
  // Left out, it is the older one (IAM User Guide, "Version"); CDK's bootstrap template does so.
  if (json.Version !== undefined && json.Version !== '2012-10-17' && json.Version !== '2008-10-17')
    throw new PolicySyntaxError('Version must be "2012-10-17"');
  const statements = Array.isArray(json.Statement) ? json.Statement : [json.Statement];
  if (statements.length === 0) throw new PolicySyntaxError('Statement is empty');
  return { statements: statements.map((statement, index) => parseStatement(statement, `statement ${index + 1}`)) };
}

function parseStatement(json: unknown, place: string): Statement {
  if (!isObject(json)) throw new PolicySyntaxError(`${place} is not an object`);
  for (const member of Object.keys(json))
    if (!MEMBERS.has(member)) throw new PolicySyntaxError(`${place} has an unknown member ${member}`);
  if (json.NotPrincipal !== undefined) throw new PolicySyntaxError(`${place}: NotPrincipal is not supported here`);
  if (json.Effect !== 'Allow' && json.Effect !== 'Deny')
    throw new PolicySyntaxError(`${place}: Effect must be Allow or Deny`);
  const actions = strings(json.Action ?? json.NotAction, `${place}: Action`);
  const resources = json.Resource ?? json.NotResource;
  return {
    label: typeof json.Sid === 'string' && json.Sid !== '' ? json.Sid : place,
    effect: json.Effect,
    actions,
    notActions: json.Action === undefined,
    resources: resources === undefined ? undefined : strings(resources, `${place}: Resource`),
    notResources: json.Resource === undefined,
    principals: json.Principal === undefined ? undefined : parsePrincipals(json.Principal, place),
    conditions: json.Condition === undefined ? [] : parseConditions(json.Condition, place),
  };
}

function parsePrincipals(json: unknown, place: string): PrincipalPattern[] {
  if (json === '*') return [{ type: '*', value: '*' }];
  if (!isObject(json)) throw new PolicySyntaxError(`${place}: Principal is neither "*" nor an object`);
  return Object.entries(json).flatMap(([type, values]) => {
    if (type !== 'AWS' && type !== 'Service' && type !== 'Federated')
      throw new PolicySyntaxError(`${place}: Principal type ${type} is not known`);
    return strings(values, `${place}: Principal`).map((value) => ({ type, value }) as const);
  });
}

function parseConditions(json: unknown, place: string): Condition[] {
  if (!isObject(json)) throw new PolicySyntaxError(`${place}: Condition is not an object`);
  return Object.entries(json).flatMap(([operator, keys]) => {
    if (!isConditionOperator(operator))
      throw new PolicySyntaxError(`${place}: condition operator ${operator} is not known`);
    if (!isObject(keys)) throw new PolicySyntaxError(`${place}: ${operator} is not an object`);
    return Object.entries(keys).map(([key, values]) => ({
      operator,
      key,
      values: (Array.isArray(values) ? values : [values]).map(String),
    }));
  });
}

function strings(value: unknown, place: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((item) => typeof item === 'string'))
    throw new PolicySyntaxError(`${place} must be a string or a list of strings`);
  return list;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
