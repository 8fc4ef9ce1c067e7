import { NormalizedSchema } from '@smithy/core/schema';
import { NotImplementedError } from '../../errors.ts';
import { type Value, isMap } from '../template/value.ts';

/**
 * A property as the SDK's shape has it: CloudFormation writes every member with a capital, some services with a small first
 * letter. The SDK's schema tells members from the keys of a map, which stay as they are. Throws for a member that the SDK does
 * not know.
 */
export function sdkShape<T>(schema: Parameters<typeof NormalizedSchema.of>[0], value: Value, place: string): T {
  return shape(NormalizedSchema.of(schema), value, place) as T;
}

function shape(schema: NormalizedSchema, value: Value, place: string): Value {
  if (schema.isListSchema() && Array.isArray(value))
    return value.map((item, index) => shape(schema.getValueSchema(), item, `${place}[${index}]`));
  if (!isMap(value)) return value;
  if (schema.isMapSchema())
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, shape(schema.getValueSchema(), item, `${place}.${key}`)]),
    );
  const members = new Map([...schema.structIterator()]);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const small = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
      const known = members.get(small);
      if (!known) throw new NotImplementedError(`property ${place}.${name}`);
      return [small, shape(known, member, `${place}.${name}`)];
    }),
  );
}
