import { isUtf8 } from 'node:buffer';
import { isObject, parseJson } from '../json.ts';
import type { Reading } from '../reading.ts';
import { toText, type Value } from '../values.ts';
import type { FunctionTable, SqlFunction } from './function.ts';

/** A function of a value and of the one scheme there is here; `decode` of protobuf would need a schema from Amazon S3. */
const ofBase64 = (name: string, compute: (text: string, reading: Reading) => Value): SqlFunction => ({
  arity: [2, 2],
  call: ([value], _, reading) => {
    const text = toText(value);
    return text === undefined ? undefined : compute(text, reading);
  },
  check: ([, scheme]) => (scheme === 'base64' ? undefined : `${name} knows one scheme, the literal 'base64'`),
});

/** Null when `text` is not base64. */
function decode(text: string, reading: Reading): Value {
  const bytes = Buffer.from(text, 'base64');
  const canonical = bytes.toString('base64');
  if (text !== canonical && text !== canonical.replace(/=+$/, '')) return null;
  if (reading['decode-bytes'] === 'null' && !isUtf8(bytes)) return null;
  const decoded = bytes.toString();
  const json = parseJson(decoded);
  return json === undefined || (isObject(json) && reading['decode-json'] === 'text') ? decoded : json;
}

export const encodingFunctions: FunctionTable = {
  decode: { ...ofBase64('decode', decode), takesLong: true },
  encode: ofBase64('encode', (text) => Buffer.from(text).toString('base64')),
};
