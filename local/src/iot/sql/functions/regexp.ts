import type { Json } from '../json.ts';
import type { Value } from '../values.ts';
import { ofTexts, type FunctionTable, type SqlFunction } from './function.ts';

/**
 * Regular expressions are Java's in AWS and JavaScript's here. A literal that JavaScript does not know is refused when the
 * statement is parsed; an expression that comes with the message makes the function Undefined, as AWS documents.
 */
function ofRegexp(count: 2 | 3, compute: (text: string, regexp: RegExp, replacement: string) => Value): SqlFunction {
  return {
    ...ofTexts(count, (text, pattern, replacement = '') => {
      const value = withRegexp(pattern, (regexp) => compute(text, regexp, replacement));
      return value instanceof SyntaxError ? undefined : value;
    }),
    check: ([, pattern]: readonly (Json | undefined)[]) => {
      const value = typeof pattern === 'string' ? withRegexp(pattern, () => undefined) : undefined;
      return value instanceof SyntaxError
        ? `this machine's regular expressions are JavaScript's: ${value.message}`
        : undefined;
    },
  };
}

/** The error of an expression that is none, or of one that is too large, which shows when it is used first. */
function withRegexp(pattern: string, use: (regexp: RegExp) => Value): Value | SyntaxError {
  try {
    return use(new RegExp(pattern, 'gu'));
  } catch (error) {
    if (error instanceof SyntaxError) return error;
    throw error;
  }
}

/** `$1` and `${name}` of a replacement string, and what a backslash makes literal, as Java has them. */
const replacementToken = /\\(?<literal>[^])|\$(?<group>\d)|\$\{(?<name>[A-Za-z][A-Za-z0-9]*)\}|(?<bad>[$\\])/g;

/** The replacement for one match, or `undefined` when the replacement string names what the expression does not have. */
function expand(
  replacement: string,
  groups: readonly (string | undefined)[],
  names: Record<string, string | undefined>,
) {
  let valid = true;
  const text = replacement.replace(replacementToken, (...found) => {
    const { literal, group, name } = found.at(-1) as Record<string, string | undefined>;
    if (literal !== undefined) return literal;
    valid &&= group === undefined ? name !== undefined && Object.hasOwn(names, name) : Number(group) < groups.length;
    return (group === undefined ? names[name ?? ''] : groups[Number(group)]) ?? '';
  });
  return valid ? text : undefined;
}

function replaceAll(text: string, regexp: RegExp, replacement: string): Value {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(regexp)) {
    const expanded = expand(replacement, [...match], match.groups ?? {});
    if (expanded === undefined) return undefined;
    result += text.slice(end, match.index) + expanded;
    end = match.index + match[0].length;
  }
  return result + text.slice(end);
}

export const regexpFunctions: FunctionTable = {
  regexp_matches: ofRegexp(2, (text, regexp) => regexp.test(text)),
  regexp_replace: ofRegexp(3, replaceAll),
  regexp_substr: ofRegexp(2, (text, regexp) => regexp.exec(text)?.[0]),
};
