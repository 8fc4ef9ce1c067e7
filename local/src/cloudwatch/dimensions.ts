import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../errors.ts';

/** API Reference, MetricDatum. */
const MOST = 30;
/** API Reference, Dimension. */
const PRINTABLE = /^ *[!-~][ -~]*$/;

/** Dimensions from the list in which CloudWatch takes them. */
export function dimensionsOf(list: readonly Dimension[] = []): Record<string, string> {
  if (list.length > MOST)
    throw new AwsError(
      'InvalidParameterValueException',
      `A metric has at most ${MOST} dimensions, not ${list.length}.`,
    );
  for (const text of list.flatMap(({ Name = '', Value = '' }) => [Name, Value]))
    if (!PRINTABLE.test(text))
      throw new AwsError(
        'InvalidParameterValueException',
        `The dimension ${JSON.stringify(text)} is invalid: allowed are printable ASCII characters, one of them no space.`,
      );
  return Object.fromEntries(list.map(({ Name = '', Value = '' }) => [Name, Value]));
}

/** Dimensions as the list in which CloudWatch answers them. */
export const dimensionList = (dimensions: Readonly<Record<string, string>>): Dimension[] =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
