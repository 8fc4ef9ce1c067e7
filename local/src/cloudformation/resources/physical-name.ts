import { randomBytes } from 'node:crypto';

/** What names of a resource type may be like. */
export interface NameForm {
  readonly max: number;
  readonly separator?: '-' | '_';
  readonly lowerCase?: boolean;
}

/** A name as CloudFormation makes them up, with twelve random characters so that a replacement can stand beside the old one. */
export function physicalName(
  stackName: string,
  logicalId: string,
  { max, separator = '-', lowerCase }: NameForm,
): string {
  const random = Array.from(randomBytes(12), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  const readable = [stackName, logicalId].join(separator).replaceAll('-', separator);
  const name = `${readable.slice(0, max - random.length - 1)}${separator}${random}`;
  return lowerCase ? name.toLowerCase() : name;
}
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
