import { type Invoke, jsonText, provider } from './provider.ts';

/** One policy on several resources: on those that the property names, and no longer on those that it named before. */
export function policyOfSeveral<Property extends string>(
  property: Property,
  set: (invoke: Invoke, resource: string, policy: string) => Promise<unknown>,
  /** Succeeds for what is gone already. */
  clear: (invoke: Invoke, resource: string) => Promise<void>,
) {
  type Properties = { readonly PolicyDocument: object | string } & Readonly<Record<Property, readonly string[]>>;
  const setAll = async (invoke: Invoke, properties: Properties): Promise<void> => {
    for (const resource of properties[property]) await set(invoke, resource, jsonText(properties.PolicyDocument));
  };
  const clearAll = async (invoke: Invoke, resources: readonly string[]): Promise<void> => {
    for (const resource of resources) await clear(invoke, resource);
  };
  return provider<Properties>({
    properties: ['PolicyDocument', property],
    async create({ properties, invoke, name, created }) {
      const attributes = created({ Id: name({ max: 128 }) });
      await setAll(invoke, properties);
      return attributes;
    },
    async update({ properties, old, invoke }) {
      await setAll(invoke, properties);
      await clearAll(
        invoke,
        old[property].filter((resource) => !properties[property].includes(resource)),
      );
    },
    async delete({ properties, invoke }) {
      await clearAll(invoke, properties[property]);
    },
  });
}
