/** The values of policy variables by name, e.g. `iot:ClientId`. A missing one makes its statement match nothing. */
export type Variables = (name: string) => string | undefined;

type Token = { readonly literal: string } | { readonly variable: string };

const ESCAPED: Readonly<Record<string, string>> = { '*': '*', '?': '?', $: '$' };
const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * A string with `*` (any characters, slashes included), `?` (one character) and `${variable}`. What a variable holds is
 * compared as it stands: a client id `*` is no wildcard. `${*}`, `${?}` and `${$}` are those characters themselves.
 */
export class Pattern {
  readonly #tokens: readonly Token[];
  readonly #fixed: RegExp | undefined;
  readonly #flags: string;
  // Few distinct values meet one pattern (one client id per connection), but a caller chooses them: hence the bound.
  readonly #bound = new Map<string, RegExp>();

  constructor(text: string, options: { readonly ignoreCase?: boolean; readonly variables?: boolean } = {}) {
    this.#flags = options.ignoreCase ? 'is' : 's';
    this.#tokens = options.variables === false ? [{ literal: text }] : tokenize(text);
    const only = this.#tokens.length === 1 ? this.#tokens[0] : undefined;
    this.#fixed =
      this.#tokens.length === 0
        ? /^$/
        : only && 'literal' in only
          ? new RegExp(`^${wildcards(only.literal)}$`, this.#flags)
          : undefined;
  }

  matches(value: string, variables: Variables): boolean {
    return (this.#fixed ?? this.#bind(variables))?.test(value) ?? false;
  }

  #bind(variables: Variables): RegExp | undefined {
    let source = '';
    for (const token of this.#tokens) {
      if ('literal' in token) source += wildcards(token.literal);
      else {
        const value = ESCAPED[token.variable] ?? variables(token.variable);
        if (value === undefined) return undefined;
        source += escapeRegExp(value);
      }
    }
    const known = this.#bound.get(source);
    if (known) return known;
    if (this.#bound.size > 1000) this.#bound.clear();
    const compiled = new RegExp(`^${source}$`, this.#flags);
    this.#bound.set(source, compiled);
    return compiled;
  }
}

const wildcards = (literal: string): string =>
  literal.replace(/[^*?]+|\*+|\?/g, (part) => (part[0] === '*' ? '.*' : part === '?' ? '.' : escapeRegExp(part)));

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.indexOf('${', at);
    const end = start === -1 ? -1 : text.indexOf('}', start);
    if (end === -1) {
      tokens.push({ literal: text.slice(at) });
      break;
    }
    if (start > at) tokens.push({ literal: text.slice(at, start) });
    tokens.push({
      variable:
        text
          .slice(start + 2, end)
          .split(',', 1)[0]
          ?.trim() ?? '',
    });
    at = end + 1;
  }
  return tokens;
}

/**
 * An ARN with wildcards. They do not reach over one of the first five colons (IAM User Guide, "Resource"), so the parts are
 * compared one by one; a lone `*` is every resource, and what is no ARN matches none.
 */
export class ArnPattern {
  readonly #all: boolean;
  readonly #parts: readonly Pattern[] | undefined;

  constructor(text: string) {
    this.#all = text === '*';
    // A variable may hold a colon in its name (`${aws:username}`): those must not be taken for the ARN's own.
    const parts = splitArn(text.replace(/\$\{[^}]*\}/g, (variable) => variable.replaceAll(':', '\u0000')));
    this.#parts = parts?.map((part) => new Pattern(part.replaceAll('\u0000', ':')));
  }

  matches(arn: string, variables: Variables): boolean {
    if (this.#all) return true;
    const parts = splitArn(arn);
    return parts !== undefined && (this.#parts?.every((part, i) => part.matches(parts[i] ?? '', variables)) ?? false);
  }
}

/** The six parts of an ARN; undefined when the text has fewer. */
function splitArn(arn: string): string[] | undefined {
  const parts = arn.split(':');
  return parts.length < 6 || parts[0] !== 'arn' ? undefined : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
