/** AWS IoT SQL: statements and substitution templates of topic rules, over one message at a time. */
export type { Statement, Template } from './ast.ts';
export { Decimal, numberText, type SqlNumber } from './decimal.ts';
export { SqlParseError, SqlRuntimeError } from './errors.ts';
export { evaluate, substitute, type Selected } from './evaluate.ts';
export { emptyObject, jsonText, type Json, type JsonObject } from './json.ts';
export type { Message } from './message.ts';
export { parseStatement, parseTemplate } from './parser.ts';
export { defaultReading, type Reading, SQL_READINGS } from './reading.ts';
export type { Variables } from './scope.ts';
export { matchesTopicFilter } from './topic-filter.ts';
export { DEFAULT_SQL_VERSION, SQL_VERSIONS, type SqlVersion } from './version.ts';
