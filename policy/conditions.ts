import { type Answer, anyOf, allOf, ArnPattern, filled, Pattern, type Variables } from './pattern.ts';

/** One line of a Condition block. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** What is known of a call, by condition key (matched without regard to case). */
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;

type Compare = (actual: string, wanted: string, variables: Variables) => Answer;

const number = (text: string): number => (text.trim() === '' ? NaN : Number(text));
const time = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));
// Variables are replaced in the wanted value for every string operator, wildcards only for the Like ones.
const equal = (actual: string, wanted: string, variables: Variables, form: (text: string) => string): Answer => {
  const value = filled(wanted, variables);
  return value === undefined ? wanted : form(actual) === form(value);
};

// IAM User Guide, "Condition operators". Not... operators are the negation over all values, see `holds`.
const COMPARE: Readonly<Record<string, Compare>> = {
  StringEquals: (a, w, v) => equal(a, w, v, String),
  StringEqualsIgnoreCase: (a, w, v) => equal(a, w, v, (text) => text.toLowerCase()),
  StringLike: (a, w, v) => new Pattern(w).matches(a, v),
  ArnEquals: (a, w, v) => new ArnPattern(w).matches(a, v),
  ArnLike: (a, w, v) => new ArnPattern(w).matches(a, v),
  Bool: (a, w) => a.toLowerCase() === w.toLowerCase(),
  NumericEquals: (a, w) => number(a) === number(w),
  NumericLessThan: (a, w) => number(a) < number(w),
  NumericLessThanEquals: (a, w) => number(a) <= number(w),
  NumericGreaterThan: (a, w) => number(a) > number(w),
  NumericGreaterThanEquals: (a, w) => number(a) >= number(w),
  DateEquals: (a, w) => time(a) === time(w),
  DateLessThan: (a, w) => time(a) < time(w),
  DateLessThanEquals: (a, w) => time(a) <= time(w),
  DateGreaterThan: (a, w) => time(a) > time(w),
  DateGreaterThanEquals: (a, w) => time(a) >= time(w),
};

const NEGATED: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

interface Operator {
  readonly base: string;
  readonly set: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
}

function parseOperator(operator: string): Operator {
  const [, set, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  return { base, set: set as Operator['set'], ifExists: ifExists !== undefined };
}

/** Whether the evaluator knows the operator; policies with another are refused when they are made. */
export function isConditionOperator(operator: string): boolean {
  const { base } = parseOperator(operator);
  return base === 'Null' || Object.hasOwn(COMPARE, base) || Object.hasOwn(NEGATED, base);
}

/**
 * Whether one line of a Condition block holds for the call.
 *
 * @param partial whether a key that `context` lacks may still have a value; else it has none
 */
export function holds(condition: Condition, context: ConditionContext, variables: Variables, partial = false): Answer {
  const { base, set, ifExists } = parseOperator(condition.operator);
  const wantedKey = condition.key.toLowerCase();
  const found = Object.entries(context).find(([key]) => key.toLowerCase() === wantedKey)?.[1];
  if (found === undefined && partial) return condition.key;
  if (base === 'Null') return condition.values.some((value) => (value === 'true') === (found === undefined));
  if (found === undefined)
    // A missing key satisfies a negated operator and ForAllValues; nothing else.
    return ifExists || set === 'ForAllValues' || (set === undefined && Object.hasOwn(NEGATED, base));
  const negated = NEGATED[base];
  const compare = COMPARE[negated ?? base];
  if (!compare) return condition.operator;
  const answers = (typeof found === 'string' ? [found] : found).map((actual): Answer => {
    const answer = anyOf(condition.values.map((wanted) => compare(actual, wanted, variables)));
    const sure = partial ? answer : answer === true;
    return negated === undefined || typeof sure === 'string' ? sure : !sure;
  });
  return set === 'ForAnyValue' ? anyOf(answers) : allOf(answers);
}
