import { toDouble } from '../decimal.ts';
import type { Json } from '../json.ts';
import { toIntDown, toText, type Value } from '../values.ts';
import { ofNumber, ofTexts, type FunctionTable, type SqlFunction } from './function.ts';

const mostSpaces = 1000;
const lastAscii = 127;

const ofTextAndSpaces = (compute: (text: string, spaces: string) => string): SqlFunction => ({
  arity: [2, 2],
  call: ([first, second]) => {
    const [text, count] = [toText(first), toIntDown(second)];
    if (text === undefined || count === undefined) return undefined;
    return compute(text, ' '.repeat(Math.min(Math.max(toDouble(count), 0), mostSpaces)));
  },
});

function concat(args: readonly Value[]): Value {
  if (args.some(Array.isArray)) return args.flat(1).filter((value): value is Json => value !== undefined);
  if (args.length > 1 && !args.some((value) => typeof value === 'string')) return undefined;
  const texts = args.map(toText);
  return texts.length === 0 || texts.includes(undefined) ? undefined : texts.join('');
}

function substring([first, from, to]: readonly Value[]): Value {
  const [text, start] = [toText(first), toIntDown(from)];
  const end = to === undefined ? undefined : toIntDown(to);
  if (text === undefined || start === undefined) return undefined;
  // `String.slice` counts negative indices from the end, AWS sets them to zero.
  const begin = Math.max(toDouble(start), 0);
  return text.slice(begin, end === undefined ? undefined : Math.max(toDouble(end), 0));
}

export const stringFunctions: FunctionTable = {
  chr: ofNumber((n) => {
    const code = toDouble(toIntDown(n) ?? -1);
    return code >= 0 && code <= lastAscii ? String.fromCharCode(code) : undefined;
  }),
  concat: { arity: [0, Infinity], call: concat },
  endswith: ofTexts(2, (text, end) => text.endsWith(end)),
  indexof: ofTexts(2, (text, part) => text.indexOf(part)),
  length: ofTexts(1, (text) => text.length),
  lower: ofTexts(1, (text) => text.toLowerCase()),
  lpad: ofTextAndSpaces((text, spaces) => spaces + text),
  ltrim: ofTexts(1, (text) => text.trimStart()),
  numbytes: ofTexts(1, (text) => Buffer.byteLength(text)),
  replace: ofTexts(3, (text, part, by) => text.replaceAll(part, () => by)),
  rpad: ofTextAndSpaces((text, spaces) => text + spaces),
  rtrim: ofTexts(1, (text) => text.trimEnd()),
  startswith: ofTexts(2, (text, start) => text.startsWith(start)),
  substring: { arity: [2, 3], call: substring },
  trim: ofTexts(1, (text) => text.trim()),
  upper: ofTexts(1, (text) => text.toUpperCase()),
};
