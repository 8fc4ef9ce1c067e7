/** In JSON, also behind NULs: behind a quote that begins a string there is nothing but a name. */
const NAME_IN_JSON = /(?<=[{,\s])"((?:\\u0000)*__proto__)"(?=\s*:)/g;

const ESCAPED_NAME = /^\0+__proto__$/;

/**
 * Reads a JSON text by a reader that loses what stands under `__proto__`, as the SDK's codec does: it clears the place before
 * it reads it. So the name gets a NUL in front before, and loses it afterwards.
 */
export async function withPrototypeName<Value>(text: string, read: (text: string) => Promise<Value>): Promise<Value> {
  if (!text.includes('__proto__')) return read(text);
  return restored(await read(text.replace(NAME_IN_JSON, '"\\u0000$1"'))) as Value;
}

function restored(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [ESCAPED_NAME.test(name) ? name.slice(1) : name, restored(inner)]),
  );
}
