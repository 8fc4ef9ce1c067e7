import { readFileSync } from 'node:fs';
import peggy from 'peggy';
import type { Statement, Template } from './ast.ts';
import { SqlParseError } from './errors.ts';
import { StatementBuilder } from './statement-builder.ts';
import type { SqlVersion } from './version.ts';

/**
 * Parses a rule's SQL statement.
 *
 * @throws {SqlParseError} with line, column and what was expected, in one line
 */
export const parseStatement = (sql: string, version: SqlVersion = '2016-03-23'): Statement =>
  parse(sql, 'Statement', version) as Statement;

/**
 * Parses a substitution template, such as `${topic(2)}/${timestamp()}`.
 *
 * @throws {SqlParseError} with line, column and what was expected, in one line
 */
export const parseTemplate = (text: string, version: SqlVersion = '2016-03-23'): Template =>
  parse(text, 'Template', version) as Template;

function parse(text: string, startRule: 'Statement' | 'Template', version: SqlVersion): unknown {
  const build = new StatementBuilder(startRule === 'Template', version);
  const parser = generatedParser();
  try {
    const tree: unknown = parser.parse(text, { startRule, build });
    build.finish();
    return tree;
  } catch (error) {
    if (error instanceof parser.SyntaxError)
      throw new SqlParseError(decapitalized(error.message), error.location.start);
    // The generated parser calls itself for everything nested.
    if (error instanceof RangeError)
      throw new SqlParseError('the expressions are nested too deeply', { line: 1, column: 1 });
    throw error;
  }
}

const decapitalized = (sentence: string): string =>
  sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');

let generated: peggy.Parser | undefined;

/** The parser of iot-sql.peggy. Generating takes some 50 ms, so it waits for the first statement. */
function generatedParser(): peggy.Parser {
  generated ??= peggy.generate(readFileSync(new URL('iot-sql.peggy', import.meta.url), 'utf8'), {
    allowedStartRules: ['Statement', 'Template'],
  });
  return generated;
}
