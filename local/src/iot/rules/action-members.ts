import { AwsError } from '../../errors.ts';
import { SqlParseError, type SqlVersion, parseTemplate, substitute } from '../sql/index.ts';
import type { ActionInput } from './rule-action.ts';

/** Reads a member that may hold `${expressions}`, evaluated for each message. Throws SqlParse. */
export type Templates = (text: string) => (input: ActionInput) => string;

/** Of a rule with that version of SQL. */
export const templatesOf =
  (version: SqlVersion): Templates =>
  (text) => {
    const parsed = parsingSql(() => parseTemplate(text, version));
    return ({ message, variables, reading }) => substitute(parsed, message, reading, variables);
  };

/** Makes AWS's SqlParseException of an error of the SQL library. */
export function parsingSql<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SqlParseError) throw new AwsError('SqlParseException', error.message);
    throw error;
  }
}
