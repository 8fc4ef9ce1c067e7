import type { ResourceSpec, ResourceSpecs } from '../spec/resource-spec.ts';
import { isCustom } from '../spec/resource-spec.ts';
import type { ResourceProvider } from './provider.ts';

/** A resource type as far as it can be deployed here. */
export interface ResourceType {
  readonly spec: ResourceSpec;
  /** Undefined for custom resources, which a Lambda function provides. */
  readonly provider: ResourceProvider | undefined;
}

/** The types that AWS has, by its own data, and those among them that this cloud can make. */
export class ResourceTypes {
  readonly specs: ResourceSpecs;
  readonly #providers: Readonly<Record<string, ResourceProvider>>;

  constructor(specs: ResourceSpecs, providers: Readonly<Record<string, ResourceProvider>>) {
    this.specs = specs;
    this.#providers = providers;
  }

  /** @returns why there is no such type, in words, when there is none */
  find(type: string): ResourceType | string {
    const spec = this.specs.find(type);
    if (!spec) return `Unrecognized resource type: ${type}`;
    if (isCustom(type)) return { spec, provider: undefined };
    const provider = Object.hasOwn(this.#providers, type) ? this.#providers[type] : undefined;
    return provider ? { spec, provider } : `${type} is not implemented by the local cloud`;
  }
}
