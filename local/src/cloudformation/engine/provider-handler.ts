import type { Attributes, CreateRequest, ResourceProvider } from '../resources/provider.ts';
import { physicalName } from '../resources/physical-name.ts';
import type { ResourceSpec } from '../spec/resource-spec.ts';
import type { Properties } from '../template/value.ts';
import { type Handler, type HandlerRequest, type Made, pause } from './handler.ts';

/** A resource of AWS, behind which one of this cloud's own services stands. */
export class ProviderHandler implements Handler {
  readonly #spec: ResourceSpec;
  readonly #provider: ResourceProvider;

  constructor(spec: ResourceSpec, provider: ResourceProvider) {
    this.#spec = spec;
    this.#provider = provider;
  }

  async create(request: HandlerRequest): Promise<Made> {
    const { stack, logicalId } = request;
    const created: CreateRequest<Properties>['created'] = (attributes) => {
      request.exists(this.#made(attributes));
      return attributes;
    };
    const name: CreateRequest<Properties>['name'] = (form) => physicalName(stack.name, logicalId, form);
    const made = this.#made(await this.#provider.create({ ...this.#common(request), name, created }));
    await this.#settled(request);
    return made;
  }

  /** Takes what is there instead of making it. */
  async import(identifier: Attributes, { invoke, account }: HandlerRequest): Promise<Made> {
    const found = await this.#provider.find?.({ ...account, identifier, invoke });
    if (found === undefined) throw new Error(`${this.#spec.type} ${JSON.stringify(identifier)} is not there any more`);
    return this.#made(found);
  }

  async update(request: HandlerRequest & { old: Properties; made: Made }): Promise<Made> {
    if (!this.#provider.update)
      throw new Error(`an update of ${this.#spec.type} in place is not implemented by the local cloud`);
    const attributes = request.made.attributes as Record<string, string>;
    const changed = await this.#provider.update({ ...this.#common(request), old: request.old, attributes });
    const made = this.#made(changed ?? attributes);
    await this.#settled(request);
    return made;
  }

  async delete(request: HandlerRequest & { made: Made }): Promise<void> {
    const attributes = request.made.attributes as Record<string, string>;
    await this.#provider.delete({ ...this.#common(request), attributes });
  }

  /** What concerns a role is called complete when most of AWS should have heard of it. */
  async #settled({ pace, signal }: HandlerRequest): Promise<void> {
    const lag = this.#spec.type.startsWith('AWS::IAM::') ? pace.lag('cloudformation-iam') : 0;
    if (lag > 0) await pause(lag, signal);
  }

  #common({ properties, invoke, account, readings }: HandlerRequest) {
    return { ...account, properties, invoke, readings };
  }

  // What Ref gives is AWS's to say: the properties that its data names, joined when there are several.
  #made(attributes: Readonly<Record<string, string>>): Made {
    return { id: this.#spec.ref.map((name) => attributes[name] ?? '').join('|'), attributes };
  }
}
