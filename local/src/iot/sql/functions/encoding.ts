import { parseJson } from '../json.ts';
import { toText, type Value } from '../values.ts';
import type { FunctionTable, SqlFunction } from './function.ts';

/** A function of a value and of the one scheme there is here; `decode` of protobuf would need a schema from Amazon S3. */
const ofBase64 = (name: string, compute: (text: string) => Value): SqlFunction => ({
  arity: [2, 2],
  call: ([value]) => {
    const text = toText(value);
    return text === undefined ? undefined : compute(text);
  },
  check: ([, scheme]) => (scheme === 'base64' ? undefined : `${name} knows one scheme, the literal 'base64'`),
});

/** Null when `text` is not base64. */
function decode(text: string): Value {
  const bytes = Buffer.from(text, 'base64');
  const canonical = bytes.toString('base64');
  if (text !== canonical && text !== canonical.replace(/=+$/, '')) return null;
  const decoded = bytes.toString();
  return parseJson(decoded) ?? decoded;
}

export const encodingFunctions: FunctionTable = {
  decode: ofBase64('decode', decode),
  encode: ofBase64('encode', (text) => Buffer.from(text).toString('base64')),
};
