import fc from 'fast-check';

const leaves = `a|b|c|a.b|a[0]|topic()|1|-2.5|1E400|1E-400|123456789012345678901|'x'|'12'|null|true`.split('|');
const unary =
  'abs acos bitnot ceil chr concat cosh exp floor isNull isUndefined length ln log lower md2 numbytes round sha256 sign sqrt tan topic trim upper';
const binary =
  'atan2 bitand bitor bitxor concat endswith get indexof lpad mod nanvl power regexp_matches remainder rpad startswith substring trunc';
const operators = '+ - * / % = <> < >= AND OR IN';
const types = 'Int Decimal Double Boolean String';

const wordOf = (words: string): fc.Arbitrary<string> => fc.constantFrom(...words.split(' '));

/** Expressions of every kind over the attributes a, b and c; all of them parse. */
export const { expression: expressions } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  const pair = fc.tuple(inner, inner);
  return {
    expression: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(...leaves),
      fc.tuple(wordOf(unary), inner).map(([name, a]) => `${name}(${a})`),
      fc.tuple(wordOf(binary), pair).map(([name, [a, b]]) => `${name}(${a}, ${b})`),
      fc.tuple(wordOf(operators), pair).map(([operator, [a, b]]) => `(${a} ${operator} ${b})`),
      fc.tuple(wordOf(types), inner).map(([type, a]) => `cast(${a} AS ${type})`),
      fc.tuple(pair, inner).map(([[a, b], c]) => `CASE ${a} WHEN ${b} THEN ${c} ELSE [${a}, {'k': ${b}}] END`),
      fc.tuple(pair, inner).map(([[a, b], c]) => `regexp_replace(${a}, ${b}, ${c})`),
      pair.map(([a, b]) => `(SELECT VALUE ${a} FROM (${b}) AS e WHERE NOT isUndefined(*) AND NOT isUndefined(e))`),
      pair.map(([a, b]) => `transform('enrichArray', ${a}, [${b}])`),
      inner.map((a) => `decode(encode(${a}, 'base64'), 'base64')`),
    ),
  };
});

const numbers = `1e400|-1e-400|1e999999999|123456789012345678901234567890123456789012|-0|0.1`.split('|');
const values = fc.oneof(fc.json({ maxDepth: 3 }), fc.constantFrom(...numbers));
const objects = fc.tuple(values, values, values).map(([a, b, c]) => `{"a":${a},"b":${b},"c":${c}}`);

/** Payloads with the attributes a, b and c, other JSON, and any bytes. */
export const payloads: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.oneof(objects, fc.json()).map((text) => Buffer.from(text)),
  fc.uint8Array(),
);
