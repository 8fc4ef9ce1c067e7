import type { DynamoDBClient, ServiceOutputTypes } from '@aws-sdk/client-dynamodb';

/** In JSON the name `__proto__`, also behind NULs: behind a quote that begins a string there is nothing but a name. */
const NAME_IN_JSON = /(?<=[{,\s])"((?:\\u0000)*__proto__)"(?=\s*:)/g;

const ESCAPED_NAME = /^\0+__proto__$/;

/**
 * Lets a client of DynamoDB read attributes of any name. The AWS SDK loses what stands under `__proto__`, a name that a
 * device may choose like any other: it clears the place before it reads it (`JsonShapeDeserializer2` of @smithy/core 3).
 * So the name gets a NUL in front before the SDK sees it, and loses it afterwards.
 */
export function readAnyName({ middlewareStack }: DynamoDBClient): void {
  // The SDK's own reader stands between the two.
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { body: AsyncIterable<Uint8Array> | Uint8Array };
      const bytes = await collected(response.body);
      response.body = bytes.includes('__proto__')
        ? Buffer.from(bytes.toString('utf8').replace(NAME_IN_JSON, '"\\u0000$1"'))
        : bytes;
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'escapeAnyName' },
  );
  middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      return { ...result, output: restored(result.output) as ServiceOutputTypes };
    },
    { step: 'deserialize', priority: 'high', name: 'restoreAnyName' },
  );
}

async function collected(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Changes nothing but what holds such a name. */
function restored(value: unknown): unknown {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) value[index] = restored(each);
    return value;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) return value;
  const object = value as Record<string, unknown>;
  let escaped = false;
  for (const [name, inner] of Object.entries(object)) {
    if (typeof inner === 'object') object[name] = restored(inner);
    escaped ||= ESCAPED_NAME.test(name);
  }
  if (!escaped) return object;
  return Object.fromEntries(
    Object.entries(object).map(([name, inner]) => [ESCAPED_NAME.test(name) ? name.slice(1) : name, inner]),
  );
}
