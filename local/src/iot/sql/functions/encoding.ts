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

/** The rules of a message ask for the same few texts many times: what these are decoded to, the latest last. */
const remembered = new Map<string, Value>();
const MOST_REMEMBERED = 4;
let rememberedFor: Reading | undefined;

function decodeOnce(text: string, reading: Reading): Value {
  if (reading !== rememberedFor) remembered.clear();
  rememberedFor = reading;
  if (remembered.has(text)) return remembered.get(text);
  const value = decode(text, reading);
  if (remembered.size >= MOST_REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
  remembered.set(text, value);
  return value;
}

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
  decode: ofBase64('decode', decodeOnce),
  encode: ofBase64('encode', (text) => Buffer.from(text).toString('base64')),
};
