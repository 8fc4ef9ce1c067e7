/**
 * The versions of AWS IoT SQL (IoT Developer Guide, iot-rule-sql-version). The older one has no nested queries, no literals of
 * objects and arrays, fewer functions and casts, puts out no array, and keeps `10.0` a Decimal. What else its "fixes for
 * selecting nested JSON objects" and "for array queries" were is not documented, and is as in the newer one here.
 */
export const SQL_VERSIONS = ['2015-10-08', '2016-03-23'] as const;
export type SqlVersion = (typeof SQL_VERSIONS)[number];

/** What a rule has that names none (IoT API Reference, TopicRulePayload). */
export const DEFAULT_SQL_VERSION: SqlVersion = '2015-10-08';

/** Functions and types of casts that the older version has not (iot-sql-functions), in lower case. */
export const NEWER_WORDS: ReadonlySet<string> = new Set([
  ...['decode', 'encode', 'indexof', 'isundefined', 'length', 'numbytes', 'transform'],
  ...['bool', 'boolean', 'decimal'],
]);
