import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Decimal } from 'decimal.js';

/**
 * Whether DynamoDB takes attributes, whose nesting is checked before: their numbers have up to 38 digits and are 0 or from
 * 1E-130 to 9.99E+125 (Developer Guide, "Supported data types and naming rules"), and no name is empty. Too large they
 * cannot be: a message of MQTT is, with 128 KB.
 */
export function isStorable(attributes: Readonly<Record<string, AttributeValue>>): boolean {
  return Object.entries(attributes).every(([name, value]) => name !== '' && isValue(value));
}

function isValue({ N, L, M }: AttributeValue): boolean {
  if (N !== undefined) return isNumber(new Decimal(N));
  if (L !== undefined) return L.every(isValue);
  return M === undefined || isStorable(M);
}

function isNumber(number: Decimal): boolean {
  return number.isZero() || (number.isFinite() && number.precision() <= 38 && number.e >= -130 && number.e <= 125);
}
