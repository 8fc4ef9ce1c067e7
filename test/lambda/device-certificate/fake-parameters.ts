import {
  DeleteParameterCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  ParameterVersionNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';

const ANSWER = { $metadata: {}, message: 'as AWS puts it' };

/** The SSM Parameter Store, with every version of a parameter. */
export class FakeParameters {
  readonly #versions = new Map<string, string[]>();

  /** As when the SDK gets no answer, and calls again. */
  putsTwice = false;

  /** Every version of every parameter. */
  get texts(): string[] {
    return [...this.#versions.values()].flat();
  }

  get names(): string[] {
    return [...this.#versions.keys()].sort();
  }

  get(name: string): string | undefined {
    return this.#versions.get(name)?.at(-1);
  }

  /** As if it were the first version. */
  set(name: string, value: string): void {
    this.#versions.set(name, [value]);
  }

  delete(name: string): void {
    this.#versions.delete(name);
  }

  copy(): FakeParameters {
    const copy = new FakeParameters();
    for (const [name, versions] of this.#versions) copy.#versions.set(name, [...versions]);
    return copy;
  }

  answer(command: object): object {
    if (command instanceof GetParameterCommand && command.input.WithDecryption) {
      const [name = '', version] = (command.input.Name ?? '').split(':');
      const versions = this.#versions.get(name);
      if (versions === undefined) throw new ParameterNotFound(ANSWER);
      const Version = version === undefined ? versions.length : Number(version);
      const Value = versions[Version - 1];
      if (Value === undefined) throw new ParameterVersionNotFound(ANSWER);
      return { Parameter: { Value, Version } };
    }
    if (command instanceof PutParameterCommand && command.input.Type === 'SecureString') {
      const { Name = '', Value = '', Overwrite } = command.input;
      const versions = this.#versions.get(Name) ?? [];
      if (versions.length > 0 && !Overwrite) throw new ParameterAlreadyExists(ANSWER);
      if (Value.length > 4096) throw new Error('the Standard tier takes 4,096 characters');
      this.#versions.set(Name, this.putsTwice ? [...versions, Value, Value] : [...versions, Value]);
      if (this.putsTwice && !Overwrite) throw new ParameterAlreadyExists(ANSWER);
      return { Version: this.#versions.get(Name)?.length };
    }
    if (command instanceof DeleteParameterCommand) {
      if (!this.#versions.delete(command.input.Name ?? '')) throw new ParameterNotFound(ANSWER);
      return {};
    }
    throw new Error(`the fake knows no ${command.constructor.name}`);
  }
}
