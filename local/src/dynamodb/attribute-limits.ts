import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../errors.ts';
import { LIMITS } from '../pace/limits.ts';

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** Throws what DynamoDB says of attributes that it does not store: names that are empty or too long, values too deep. */
export function checkAttributes(attributes: Readonly<Record<string, AttributeValue>> = {}, level = 1): void {
  for (const name of Object.keys(attributes)) {
    checkName(name);
    checkValue(attributes[name] as AttributeValue, level);
  }
}

/** Throws for a value too deep, or with such names in it. */
function checkValue(value: AttributeValue, level: number): void {
  if (level > LIMITS.nestingLevels.most)
    throw invalid(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  if (value.M) checkAttributes(value.M, level + 1);
  if (value.L) for (const inner of value.L) checkValue(inner, level + 1);
}

/** Throws for a name that no attribute may have. */
export function checkName(name: string): void {
  if (name === '') throw invalid('One or more parameter values were invalid: An attribute name must not be empty');
  if (Buffer.byteLength(name) > LIMITS.attributeNameBytes.most)
    throw invalid(
      `1 validation error detected: Attribute name is too large, must be less than ${LIMITS.attributeNameBytes.most + 1} bytes`,
    );
}
