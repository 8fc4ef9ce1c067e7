import type { Statement, Template } from './ast.ts';
import { SqlRuntimeError } from './errors.ts';
import { holds, selected, valueOf } from './expression.ts';
import { jsonText, type Json } from './json.ts';
import type { Message } from './message.ts';
import { defaultReading, type Reading } from './reading.ts';
import { MessageScope, type Variables } from './scope.ts';
import { toText, type Value } from './values.ts';

/** What a rule selects from a message. */
export type Selected =
  | { readonly matched: false }
  | {
      readonly matched: true;
      /**
       * JSON (see `Json`), or bytes: of `SELECT *` over a payload that is not JSON, and none of a `SELECT VALUE` that is
       * Undefined, which "is converted to an empty string when serialized by itself" (iot-sql-data-types).
       */
      readonly output: Uint8Array | Json;
      /** The values of the SET clause, for the substitution templates of the rule's actions. */
      readonly variables: Variables;
    };

/** Limit of the SET clause for one value and for all of them together, in bytes of JSON (iot-sql-set). */
const largestVariables = 128 * 1024;

/**
 * Evaluates a statement over a message that its topic filter matches.
 *
 * @throws {SqlRuntimeError} where AWS logs an SQL error and runs no action
 */
export function evaluate(statement: Statement, message: Message, chosen: Reading = defaultReading): Selected {
  const reading = readingOf(statement, chosen);
  const variables = new Map<string, Value>();
  const scope = new MessageScope(message, reading, variables);
  let size = 0;
  for (const { name, value } of statement.variables) {
    const result = valueOf(value, scope);
    size += result === undefined ? 0 : Buffer.byteLength(jsonText(result));
    if (size > largestVariables)
      throw new SqlRuntimeError(`the values of SET take more than ${largestVariables} bytes at @${name}`);
    variables.set(name, result);
  }
  if (!holds(statement.where, scope)) return { matched: false };
  const output = selected(statement.selection, scope) ?? rawOutput(statement, message);
  if (statement.version === '2015-10-08' && Array.isArray(output))
    throw new SqlRuntimeError('SQL version 2015-10-08 puts out no array: set awsIotSqlVersion to 2016-03-23');
  return { matched: true, output, variables };
}

/** A reading with the version, unless that is the one that goes without saying. */
const readingOf = ({ version }: Statement | Template, reading: Reading): Reading =>
  version === '2016-03-23' ? reading : { ...reading, version };

const noBytes = new Uint8Array();

function rawOutput({ selection }: Statement, { payload }: Message): Uint8Array {
  return selection.kind === 'items' || selection.value.kind === 'payload' ? payload : noBytes;
}

/**
 * Fills a substitution template. It sees the payload and, where given, the variables of the statement, but no alias; what is
 * Undefined or Null leaves nothing.
 *
 * @throws {SqlRuntimeError} where AWS logs an SQL error
 */
export function substitute(
  template: Template,
  message: Message,
  reading: Reading = defaultReading,
  variables: Variables = new Map(),
): string {
  const scope = new MessageScope(message, readingOf(template, reading), variables);
  return template.parts
    .map((part) => (typeof part === 'string' ? part : (toText(valueOf(part, scope)) ?? '')))
    .join('');
}
