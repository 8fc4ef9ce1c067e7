import type { Assignment, CastType, Expression, Item, Shared } from './ast.ts';
import { parseNumber, type SqlNumber } from './decimal.ts';
import { SqlParseError, type Position } from './errors.ts';
import type { SqlFunction } from './functions/function.ts';
import { findFunction } from './functions/index.ts';
import { isTopicFilter } from './topic-filter.ts';
import { type SqlVersion, NEWER_WORDS } from './version.ts';

/** Limits of the SET clause (iot-sql-set). */
const mostVariables = 10;
const longestVariableName = 64;

/** The words after AS in a cast, in lower case (iot-sql-functions, cast). */
const castTypes: ReadonlyMap<string, CastType> = new Map<string, CastType>([
  ['bool', 'Boolean'],
  ['boolean', 'Boolean'],
  ['decimal', 'Decimal'],
  ['double', 'Double'],
  ['int', 'Int'],
  ['integer', 'Int'],
  ['ntext', 'String'],
  ['nvarchar', 'String'],
  ['string', 'String'],
  ['text', 'String'],
  ['varchar', 'String'],
]);

/** What the grammar cannot check by itself: names, counts and limits. One builder serves one text. */
export class StatementBuilder {
  readonly #variables = new Set<string>();
  readonly #isTemplate: boolean;
  readonly version: SqlVersion;
  #nameless: Position | undefined;

  /** A template sees the variables of a statement that it does not know. */
  constructor(isTemplate: boolean, version: SqlVersion) {
    this.#isTemplate = isTemplate;
    this.version = version;
  }

  /** Refuses what came with version 2016-03-23 in a text of the older one. */
  newer(what: string, at: Position): void {
    if (this.version === '2015-10-08')
      throw new SqlParseError(`SQL version 2015-10-08 has not ${what}: set awsIotSqlVersion to 2016-03-23`, at);
  }

  assignment(name: string, value: Expression, at: Position): Assignment {
    if (name.length > longestVariableName) {
      throw new SqlParseError(`the name of a variable has at most ${longestVariableName} characters`, at);
    }
    if (this.#variables.has(name)) throw new SqlParseError(`@${name} is set twice`, at);
    if (this.#variables.size === mostVariables) {
      throw new SqlParseError(`a SET clause sets at most ${mostVariables} variables`, at);
    }
    this.#variables.add(name);
    return { name, value };
  }

  variable(name: string, at: Position): Expression {
    if (!this.#isTemplate && !this.#variables.has(name)) throw new SqlParseError(`@${name} is not set before`, at);
    return { kind: 'variable', name };
  }

  topicFilter(filter: string, at: Position): string {
    if (!isTopicFilter(filter)) throw new SqlParseError(`"${filter}" is not an MQTT topic filter`, at);
    return filter;
  }

  number(text: string): SqlNumber {
    return parseNumber(text, this.version);
  }

  /** An item of SELECT. Without an alias its key is the last name of a path or the name of a function. */
  item(value: Expression, alias: readonly string[] | null, at: Position): Item {
    const key = alias ?? ownKey(value) ?? [];
    if (key.length === 0) this.#nameless ??= at;
    return { kind: 'item', value, key };
  }

  /** Refuses what is only wrong if the text around it is right. */
  finish(): void {
    if (!this.#nameless) return;
    throw new SqlParseError('this item of SELECT needs a name, expected AS and an alias behind it', this.#nameless);
  }

  cast(value: Expression, word: string, at: Position): Expression {
    const type = castTypes.get(word.toLowerCase());
    if (!type) throw new SqlParseError(`there is no type ${word}, expected ${[...castTypes.keys()].join(', ')}`, at);
    if (NEWER_WORDS.has(word.toLowerCase())) this.newer(`the type ${word}`, at);
    return { kind: 'cast', value, type };
  }

  call(name: string, args: readonly Expression[], at: Position, text: string): Expression {
    const callee = findFunction(name);
    if (typeof callee === 'string') throw new SqlParseError(callee, at);
    if (NEWER_WORDS.has(name.toLowerCase())) this.newer(`the function ${name}`, at);
    const [least, most] = callee.arity;
    if (args.length < least || args.length > most) {
      const expected = least === most ? least : `${least} to ${most}`;
      throw new SqlParseError(`${name} takes ${expected} arguments, found ${args.length}`, at);
    }
    const problem = callee.check?.(args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined)));
    if (problem) throw new SqlParseError(problem, at);
    const isOfPayload = name.toLowerCase() === 'encode' && args[0]?.kind === 'payload';
    const call: Expression = isOfPayload ? { kind: 'encodedPayload' } : { kind: 'call', name, callee, args };
    return isOfPayload || callee.takesLong ? this.shared(call, text) : call;
  }

  /** An expression that other rules may have, too. @param text as it stands in the statement */
  shared(expression: Expression, text: string): Expression {
    if (!isConstant(expression)) return expression;
    const key = `${this.version} ${text}`;
    const known = sharedByText.get(key) ?? { kind: 'shared', expression, latest: undefined };
    sharedByText.set(key, known);
    return known;
  }
}

const sharedByText = new Map<string, Shared>();

/** Whether an expression has one value for a message, in whichever statement it stands. */
const isConstant = (node: unknown): boolean =>
  typeof node !== 'object' ||
  node === null ||
  ('kind' in node && node.kind === 'shared') ||
  (!('kind' in node && node.kind === 'variable') &&
    !('callee' in node && (node.callee as SqlFunction).isRandom) &&
    Object.values(node).every(isConstant));

function ownKey(value: Expression): readonly string[] | undefined {
  switch (value.kind) {
    case 'attribute':
    case 'call':
      return [value.name];
    case 'cast':
      return ['cast'];
    case 'encodedPayload':
      return ['encode'];
    case 'shared':
      return ownKey(value.expression);
    case 'path': {
      const last = value.steps.at(-1);
      return typeof last === 'string' ? [last] : undefined;
    }
    default:
      return undefined;
  }
}
