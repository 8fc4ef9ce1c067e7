// Between the SDK's shapes and dynalite's JSON, as they stand on DynamoDB's wire: bytes in base64, times in seconds.

// dynalite looks attributes up in plain objects, which answer to names such as "toString" by themselves, and copies them by
// plain assignment, which "__proto__" would turn into the copy's prototype. A NUL in front makes any of them a name like
// others; one that has NULs already gets another, so that no two become the same.
const escapeName = (name: string): string =>
  (name.startsWith('\0') ? bareName(name) : name) in Object.prototype ? `\0${name}` : name;
const restoreName = (name: string): string =>
  name.startsWith('\0') && bareName(name) in Object.prototype ? name.slice(1) : name;
const bareName = (name: string): string => name.slice(name.search(/[^\0]|$/));

const mapObject = (value: object, map: (key: string, inner: unknown) => readonly [string, unknown]): object =>
  Object.fromEntries(Object.entries(value).map(([key, inner]) => map(key, inner)));

/** An input of the SDK's for dynalite; a copy, since dynalite changes what it is given. */
export function toDynalite(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(toDynalite);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[escapeName(key)] = toDynalite((value as typeof copy)[key]);
  return copy;
}

/** Whether a value is a scalar just as the SDK types it: then dynalite's check of types, which takes long, changes nothing. */
export function isScalar(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  for (const type of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[type];
    const is = type === 'S' || type === 'N' ? 'string' : type === 'BOOL' || type === 'NULL' ? 'boolean' : undefined;
    if (is === undefined || typeof inner !== is) return false;
  }
  return true;
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
    return [restoreName(key), fromDynalite(inner)];
  });
}

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

interface Naming {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly AttributesToGet?: readonly string[] | undefined;
  readonly RequestItems?: Readonly<Record<string, Naming | readonly unknown[]>> | undefined;
}

/** An input whose members that name attributes name them as {@link toDynalite} does. */
export function withDynaliteNames<I extends object>(input: I): I {
  const { ExpressionAttributeNames, AttributesToGet, RequestItems } = input as Naming;
  return {
    ...input,
    ...(ExpressionAttributeNames && {
      ExpressionAttributeNames: mapObject(ExpressionAttributeNames, (key, name) => [key, escapeName(String(name))]),
    }),
    ...(AttributesToGet && { AttributesToGet: AttributesToGet.map(escapeName) }),
    ...(RequestItems && {
      RequestItems: mapObject(RequestItems, (table, asked) => [
        table,
        Array.isArray(asked) ? asked : withDynaliteNames(asked as object),
      ]),
    }),
  };
}
