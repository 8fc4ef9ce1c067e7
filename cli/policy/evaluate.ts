import { matches, type Variables } from './pattern.ts';
import type { Statement } from './statement.ts';

/** What a client wants to do. */
export interface Request {
  /** Such as `iot:Publish`. */
  readonly action: string;
  /** ARN of the client, topic or topic filter. */
  readonly resource: string;
  readonly variables: Variables;
}

/** A statement about the action that does not apply, and why; or that might, and what it has that is not understood. */
export interface Reason {
  readonly statement: Statement;
  readonly reason: string;
}

export type Verdict =
  | { readonly outcome: 'allowed' | 'denied'; readonly statement: Statement }
  /** Nothing allows it. */
  | { readonly outcome: 'not allowed'; readonly reasons: readonly Reason[] }
  /** It depends on a statement that is not understood. */
  | ({ readonly outcome: 'unsure' } & Reason);

/** Judges a request as AWS IoT does: a Deny that applies wins, else one Allow that applies is enough. */
export function evaluate(statements: readonly Statement[], request: Request): Verdict {
  const applying: Statement[] = [];
  const doubtful: Reason[] = [];
  const reasons: Reason[] = [];
  for (const statement of statements.filter(({ actions }) => isAbout(actions, request.action))) {
    const obstacle = obstacleTo(statement, request);
    const doubt = obstacle ?? doubtAbout(statement, request);
    if (obstacle !== undefined) reasons.push({ statement, reason: obstacle });
    else if (doubt !== undefined) doubtful.push({ statement, reason: doubt });
    else applying.push(statement);
  }

  const denial = applying.find(({ effect }) => effect === 'Deny');
  if (denial) return { outcome: 'denied', statement: denial };
  const permission = applying.find(({ effect }) => effect === 'Allow');
  const doubt = doubtful.find(({ statement }) => permission === undefined || statement.effect !== 'Allow');
  if (doubt) return { outcome: 'unsure', ...doubt };
  return permission ? { outcome: 'allowed', statement: permission } : { outcome: 'not allowed', reasons };
}

function isAbout(actions: readonly string[] | undefined, wanted: string): boolean {
  return (actions ?? [wanted]).some(
    (action) => matches(action.toLowerCase(), wanted.toLowerCase(), new Map()) !== false,
  );
}

/** Why a statement surely does not apply, whatever there is in it that is not understood. */
function obstacleTo({ resources, conditions }: Statement, { resource, variables }: Request): string | undefined {
  if (resources?.every((pattern) => matches(pattern, resource, variables) === false)) {
    return `covers only ${resources.join(', ')}`;
  }
  for (const [key, wanted] of conditions) {
    const actual = valueOfKey(key, variables);
    if (actual !== undefined && !wanted.some((value) => value.toLowerCase() === actual)) {
      return `wants ${key} to be ${wanted.join(' or ')}`;
    }
  }
  return undefined;
}

/** Why it cannot be told whether a statement applies to which there is no obstacle. */
function doubtAbout({ resources, conditions, notUnderstood }: Statement, request: Request): string | undefined {
  if (notUnderstood !== undefined) return notUnderstood;
  const answers = (resources ?? []).map((pattern) => matches(pattern, request.resource, request.variables));
  const variable = answers.find((answer) => typeof answer === 'string');
  if (variable !== undefined && !answers.includes(true)) return `\${${variable}}`;
  return [...conditions.keys()].find((key) => valueOfKey(key, request.variables) === undefined);
}

/** Names of condition keys are compared without regard to case. */
function valueOfKey(key: string, variables: Variables): string | undefined {
  return [...variables].find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}
