import { AwsError } from '../../errors.ts';
import { invalidRequest } from '../names.ts';
import { SqlParseError, type SqlVersion, jsonText, parseTemplate, substitute } from '../sql/index.ts';
import type { ActionInput } from './rule-action.ts';

/** A member that an action cannot do without. Throws InvalidRequest when it is missing. */
export function required(action: string, member: string, value: string | undefined): string {
  if (value === undefined || value === '') throw invalidRequest(`the ${action} action has no ${member}`);
  return value;
}

/** Reads a member that may hold `${expressions}`, evaluated for each message. Throws SqlParse. */
export type Templates = (text: string) => (input: ActionInput) => string;

/** Of a rule with that version of SQL. */
export const templatesOf =
  (version: SqlVersion): Templates =>
  (text) => {
    const parsed = parsingSql(() => parseTemplate(text, version));
    return ({ message, variables, reading }) => substitute(parsed, message, reading, variables);
  };

/** What the statement selected, as bytes: JSON as text. */
export const outputBytes = ({ output }: ActionInput): Uint8Array =>
  output instanceof Uint8Array ? output : Buffer.from(jsonText(output));

/** Makes AWS's SqlParseException of an error of the SQL library. */
export function parsingSql<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SqlParseError) throw new AwsError('SqlParseException', error.message, 400);
    throw error;
  }
}
