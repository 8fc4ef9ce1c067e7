import { z } from 'zod';
import type { DeployedPolicy } from '../../aws/policies.ts';

/** A statement of a policy, as far as `fleet explain` understands it. What it does not is undefined here. */
export interface Statement {
  readonly policy: string;
  /** Its Sid, or its number. */
  readonly label: string;
  readonly effect: 'Allow' | 'Deny' | undefined;
  readonly actions: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  /** Keys that have to be true or false: the operator Bool of its Condition. */
  readonly conditions: ReadonlyMap<string, readonly string[]>;
  /** What is not understood, such as `NotAction`. The statement may mean something else on account of it. */
  readonly notUnderstood: string | undefined;
}

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const bools = z.record(
  z.string(),
  z.union([z.boolean(), texts]).transform((value) => [value].flat().map(String)),
);

const MEMBERS = {
  Sid: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z.strictObject({ Bool: bools }),
};

const policyDocument = z.object({
  Statement: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown()).transform((only) => [only])]),
});

const membersOf = z.record(z.string(), z.unknown());

/** The statements of a policy. A document that is no policy gives one statement that is not understood. */
export function statementsOf({ name, document }: DeployedPolicy): Statement[] {
  const policy = policyDocument.safeParse(json(document));
  if (!policy.success) return [statementOf(name, '1', {})];
  return policy.data.Statement.map((statement, index) =>
    statementOf(name, String(index + 1), membersOf.safeParse(statement).data ?? {}),
  );
}

function statementOf(policy: string, number: string, members: Readonly<Record<string, unknown>>): Statement {
  const understood = Object.fromEntries(
    Object.entries(MEMBERS).map(([name, schema]) => [name, schema.safeParse(members[name]).data]),
  ) as { readonly [Name in keyof typeof MEMBERS]: z.infer<(typeof MEMBERS)[Name]> | undefined };
  const { Sid, Effect, Action, Resource, Condition } = understood;
  return {
    policy,
    label: Sid ?? number,
    effect: Effect,
    actions: Action,
    resources: Resource,
    conditions: new Map(Object.entries(Condition?.Bool ?? {})),
    notUnderstood: [...Object.keys(members), 'Effect', 'Action', 'Resource'].find(
      (name) => understood[name as keyof typeof MEMBERS] === undefined,
    ),
  };
}

/** The value of a JSON text; undefined when it is none. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
