// Between the SDK's shapes and dynalite's JSON, as they stand on DynamoDB's wire: bytes in base64, times in seconds.

// dynalite copies attributes by plain assignment, which this name would turn into the copy's prototype.
const PROTO = '__proto__';
const ESCAPED_PROTO = '\0__proto__';

const mapObject = (value: object, map: (key: string, inner: unknown) => readonly [string, unknown]): object =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => map(key, inner)));

/** An input of the SDK's for dynalite; a copy, since dynalite changes what it is given. */
export function toDynalite(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toDynalite);
  if (typeof value !== 'object' || value === null) return value;
  return mapObject(value, (key, inner) => [key === PROTO ? ESCAPED_PROTO : key, toDynalite(inner)]);
}

/**
 * An output of dynalite's for the SDK. What the name B or BS holds in an item is an object, and so is a map's: a string or a
 * list of strings under it is bytes wherever it stands. So it is with a number under a name that ends in DateTime.
 */
export function fromDynalite(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromDynalite);
  if (typeof value !== 'object' || value === null) return value;
  return mapObject(value, (key, inner) => {
    if (key === 'B' && typeof inner === 'string') return [key, Buffer.from(inner, 'base64')];
    if (key === 'BS' && isStrings(inner)) return [key, inner.map((text) => Buffer.from(text, 'base64'))];
    if (key.endsWith('DateTime') && typeof inner === 'number') return [key, new Date(inner * 1000)];
    return [key === ESCAPED_PROTO ? PROTO : key, fromDynalite(inner)];
  });
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
