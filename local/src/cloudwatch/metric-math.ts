import { readFileSync } from 'node:fs';
import peggy from 'peggy';
import { NotImplementedError } from '../errors.ts';

/** A parsed expression of metric math. */
export type MetricMath =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'metric'; readonly id: string }
  | { readonly kind: 'abs'; readonly of: MetricMath }
  /** `value` stands where `of` has none. */
  | { readonly kind: 'fill'; readonly of: MetricMath; readonly value: number }
  | {
      readonly kind: 'binary';
      readonly operator: keyof typeof OPERATORS;
      readonly left: MetricMath;
      readonly right: MetricMath;
    };

const OPERATORS = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
};

let generated: peggy.Parser | undefined;

/**
 * Parses an expression over the metrics with these ids.
 *
 * @throws {NotImplementedError} for all that is not in metric-math.peggy, valid or not
 */
export function parseMetricMath(expression: string, ids: readonly string[]): MetricMath {
  generated ??= peggy.generate(readFileSync(new URL('metric-math.peggy', import.meta.url), 'utf8'));
  try {
    return generated.parse(expression, { ids }) as MetricMath;
  } catch (error) {
    if (!(error instanceof generated.SyntaxError)) throw error;
    throw new NotImplementedError(`metric math ${JSON.stringify(expression)} (${error.message})`);
  }
}

/**
 * The value of an expression in one period; undefined where it has none: where one of two operands has none, and for a
 * division by zero.
 *
 * @param valueOf the value of a metric in that period
 */
export function calculate(math: MetricMath, valueOf: (id: string) => number | undefined): number | undefined {
  switch (math.kind) {
    case 'number':
      return math.value;
    case 'metric':
      return valueOf(math.id);
    case 'abs': {
      const value = calculate(math.of, valueOf);
      return value === undefined ? undefined : Math.abs(value);
    }
    case 'fill':
      return calculate(math.of, valueOf) ?? math.value;
    case 'binary': {
      const [left, right] = [calculate(math.left, valueOf), calculate(math.right, valueOf)];
      if (left === undefined || right === undefined) return undefined;
      const value = OPERATORS[math.operator](left, right);
      return Number.isFinite(value) ? value : undefined;
    }
  }
}
