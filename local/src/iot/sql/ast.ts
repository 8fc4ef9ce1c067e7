import type { SqlFunction } from './functions/function.ts';
import type { Json } from './json.ts';
import type { Message } from './message.ts';
import type { ArithmeticOperator, Comparison } from './operators.ts';
import type { Reading } from './reading.ts';
import type { Value } from './values.ts';
import type { SqlVersion } from './version.ts';

/** A parsed statement: `[SET ...] SELECT ... [FROM '...'] [WHERE ...]`. */
export interface Statement {
  readonly version: SqlVersion;
  readonly variables: readonly Assignment[];
  readonly selection: Selection;
  /** From FROM; `undefined` when that is left out, as basic ingest allows. */
  readonly topicFilter: string | undefined;
  readonly where: Expression | undefined;
}

/** A parsed substitution template: literal text and the expressions of `${...}`, in their order. */
export interface Template {
  readonly version: SqlVersion;
  readonly parts: readonly (string | Expression)[];
}

/** `@name = value` of a SET clause. */
export interface Assignment {
  readonly name: string;
  readonly value: Expression;
}

/** What SELECT puts out: an object of items, or with `SELECT VALUE` a bare value. */
export type Selection =
  { readonly kind: 'items'; readonly items: readonly Item[] } | { readonly kind: 'value'; readonly value: Expression };

/** `*`, or an expression under a key; the key `a.b` is the path to a nested key. */
export type Item =
  { readonly kind: 'all' } | { readonly kind: 'item'; readonly value: Expression; readonly key: readonly string[] };

/** A nested SELECT. `name` is its `FROM source AS name`. */
export interface Query {
  readonly selection: Selection;
  readonly source: Expression;
  readonly name: string | undefined;
  readonly where: Expression | undefined;
}

export type CastType = 'Boolean' | 'Decimal' | 'Double' | 'Int' | 'String';

/** What takes long, and has one value for a message wherever it stands in the rules: it is worked out once. */
export interface Shared {
  readonly kind: 'shared';
  readonly expression: Expression;
  latest: { readonly message: Message; readonly reading: Reading; readonly value: Value } | undefined;
}

export type Expression =
  | { readonly kind: 'literal'; readonly value: Json }
  /** `*`: the whole payload, or in a nested query the element. */
  | { readonly kind: 'payload' }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  /** `of.name` and `of[index]`, as many as follow each other. */
  | { readonly kind: 'path'; readonly of: Expression; readonly steps: readonly (string | Expression)[] }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'object'; readonly entries: readonly { readonly key: string; readonly value: Expression }[] }
  | { readonly kind: 'call'; readonly name: string; readonly callee: SqlFunction; readonly args: readonly Expression[] }
  /** `encode(*, 'base64')`, the one function that takes the bytes of the payload and not its JSON. */
  | { readonly kind: 'encodedPayload' }
  | { readonly kind: 'cast'; readonly value: Expression; readonly type: CastType }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'comparison';
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'in'; readonly left: Expression; readonly right: Expression }
  /** A chain of operators of one precedence, from the left. */
  | {
      readonly kind: 'arithmetic';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: ArithmeticOperator; readonly operand: Expression }[];
    }
  | {
      readonly kind: 'case';
      readonly value: Expression;
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
      readonly otherwise: Expression | undefined;
    }
  | Shared
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'exists'; readonly query: Query };
