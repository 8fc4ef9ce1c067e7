/** The values of policy variables and condition keys that are known, by name. */
export type Variables = ReadonlyMap<string, string>;

/**
 * Whether a pattern of an AWS IoT policy stands for a resource. `*` is any run of characters, slashes included, and
 * `?` any single one; `+` and `#` are plain characters (Developer Guide, "Publish/Subscribe policy examples"). What a
 * variable holds is compared as it stands.
 *
 * @returns the name of a variable when it depends on one that is not known
 */
export function matches(pattern: string, resource: string, variables: Variables): boolean | string {
  const parts = pattern.split(/\$\{([^}]*)\}/); // every second one is the name of a variable
  const unknown = parts.find((part, index) => index % 2 === 1 && !variables.has(part));
  const source = parts.map((part, index) => (index % 2 === 0 ? wildcards(part) : valueOf(part, variables))).join('');
  return new RegExp(`^${source}$`, 'su').test(resource) && (unknown ?? true);
}

/** An unknown variable could hold anything. Where even that does not match, it need not be known. */
function valueOf(variable: string, variables: Variables): string {
  const value = variables.get(variable);
  return value === undefined ? '.*' : escaped(value);
}

function wildcards(text: string): string {
  return escaped(text).replaceAll('\\*', '.*').replaceAll('\\?', '.');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
