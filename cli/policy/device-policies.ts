import type { DeployedPolicy } from '../../aws/policies.ts';
import { type NamedPolicy, readPolicy, type Statement } from '../../policy/document.ts';
import { concerns, covers, meets, type Request, type Source } from '../../policy/evaluate.ts';

/** A policy of AWS IoT, whose pages know of no NotAction, NotResource or Principal; `problem` of a statement names them. */
export function devicePolicy({ name, document }: DeployedPolicy): NamedPolicy {
  const statements = readPolicy(document).statements.map((statement): Statement => {
    const { notActions, notResources, resources, principals } = statement;
    const foreign = notActions ? 'NotAction' : notResources ? 'NotResource' : principals && 'Principal';
    const member = foreign ?? (resources ? undefined : 'Resource');
    return member === undefined || statement.problem
      ? statement
      : { ...statement, problem: { member, why: 'is not understood' } };
  });
  return { name, document: { statements } };
}

/** What a statement grants, such as `iot:Publish on arn:…`; undefined when it is not understood. */
export function grantOf({ actions, resources = [], problem }: Statement): string | undefined {
  return problem ? undefined : `${actions.join(', ')} on ${resources.join(', ')}`;
}

/** Why statements about the action of a request do not apply to it. */
export function obstacles(policies: readonly NamedPolicy[], request: Request): (Source & { readonly why: string })[] {
  return policies.flatMap(({ name, document }) =>
    document.statements.flatMap((statement) => {
      const why = concerns(statement, request) ? obstacle(statement, request) : undefined;
      return why === undefined ? [] : [{ policy: name, statement, why }];
    }),
  );
}

function obstacle(statement: Statement, request: Request): string | undefined {
  if (covers(statement, request) === false) return `covers only ${(statement.resources ?? []).join(', ')}`;
  const unmet = statement.conditions.find((condition) => meets(condition, request) === false);
  return unmet && `wants ${unmet.key} to be ${unmet.values.join(' or ')}${inBrackets(unmet.operator)}`;
}

const inBrackets = (operator: string): string => (operator === 'Bool' ? '' : ` (${operator})`);
