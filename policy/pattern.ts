/** The values of policy variables by name, e.g. `iot:ClientId`; undefined for one that is missing. */
export type Variables = (name: string) => string | undefined;

/** Yes, no, or what it depends on that is missing: a variable, a condition key, something that is not understood. */
export type Answer = boolean | string;

export const anyOf = (answers: readonly Answer[]): Answer =>
  answers.includes(true) || (answers.find((answer) => answer !== false) ?? false);
export const allOf = (answers: readonly Answer[]): Answer =>
  !answers.includes(false) && (answers.find((answer) => answer !== true) ?? true);

const ESCAPED: Readonly<Record<string, string>> = { '*': '*', '?': '?', $: '$' };
const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const wildcards = (literal: string): string =>
  literal.replace(/[^*?]+|\*+|\?/g, (part) => (part[0] === '*' ? '.*' : part === '?' ? '.' : escapeRegExp(part)));

/**
 * A string with `*` (any characters, slashes included), `?` (one character) and `${variable}`; `+` and `#` are plain
 * characters (AWS IoT Developer Guide, "Publish/Subscribe policy examples"). What a variable holds is compared as it stands:
 * a client id `*` is no wildcard. `${*}`, `${?}` and `${$}` are those characters themselves.
 */
export class Pattern {
  /** Sources of regular expressions; every second one is a variable. */
  readonly #parts: readonly string[];
  readonly #flags: string;
  // Few distinct values meet one pattern (one client id per connection), but a caller chooses them: hence the bound.
  readonly #compiled = new Map<string, RegExp>();

  constructor(text: string, options: { readonly ignoreCase?: boolean; readonly variables?: boolean } = {}) {
    this.#flags = options.ignoreCase ? 'isu' : 'su';
    const parts = options.variables === false ? [text] : text.split(/\$\{([^}]*)\}/);
    this.#parts = parts.map((part, index) => (index % 2 === 0 ? wildcards(part) : part));
  }

  matches(value: string, variables: Variables): Answer {
    if (this.#parts.length === 1) return this.#compile(this.#parts[0] as string).test(value);
    let source = '';
    let missing: string | undefined;
    this.#parts.forEach((part, index) => {
      const known = index % 2 === 0 ? undefined : valueOf(part, variables);
      if (index % 2 === 1 && known === undefined) missing ??= `\${${part}}`;
      // What is missing could hold anything. Where even that does not match, it need not be known.
      source += index % 2 === 0 ? part : known === undefined ? '.*' : escapeRegExp(known);
    });
    return this.#compile(source).test(value) && (missing ?? true);
  }

  #compile(source: string): RegExp {
    let compiled = this.#compiled.get(source);
    if (!compiled) {
      if (this.#compiled.size > 1000) this.#compiled.clear();
      compiled = new RegExp(`^${source}$`, this.#flags);
      this.#compiled.set(source, compiled);
    }
    return compiled;
  }
}

/** What `${variable}` or `${variable, 'default'}` stands for. */
function valueOf(variable: string, variables: Variables): string | undefined {
  const name = variable.split(',', 1)[0]?.trim() ?? '';
  return ESCAPED[name] ?? variables(name);
}

/** A text with its variables replaced; undefined when one of them is missing. */
export function filled(text: string, variables: Variables): string | undefined {
  const parts = text.split(/\$\{([^}]*)\}/).map((part, index) => (index % 2 === 0 ? part : valueOf(part, variables)));
  return parts.includes(undefined) ? undefined : parts.join('');
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

  matches(arn: string, variables: Variables): Answer {
    if (this.#all) return true;
    const parts = splitArn(arn);
    if (!parts || !this.#parts) return false;
    return allOf(this.#parts.map((part, i) => part.matches(parts[i] ?? '', variables)));
  }
}

/** The six parts of an ARN; undefined when the text has fewer. */
function splitArn(arn: string): string[] | undefined {
  const parts = arn.split(':');
  return parts.length < 6 || parts[0] !== 'arn' ? undefined : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
