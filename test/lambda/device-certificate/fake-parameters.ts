import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';

const ANSWER = { $metadata: {}, message: 'as AWS puts it' };

/** The SSM Parameter Store. Nothing of ours is ever overwritten, so it refuses that. */
export class FakeParameters extends Map<string, string> {
  /** Every value that was ever there, by name, the oldest first. */
  readonly history: (readonly [name: string, value: string])[] = [];

  /** As when the SDK gets no answer, and calls again. */
  putsTwice = false;

  answer(command: object): object {
    if (command instanceof GetParameterCommand && command.input.WithDecryption) {
      const Value = this.get(command.input.Name ?? '');
      if (Value === undefined) throw new ParameterNotFound(ANSWER);
      return { Parameter: { Value } };
    }
    if (command instanceof GetParametersByPathCommand && command.input.Recursive && !command.input.WithDecryption) {
      const { Path } = command.input;
      return { Parameters: [...this.keys()].filter((name) => name.startsWith(`${Path}/`)).map((Name) => ({ Name })) };
    }
    if (command instanceof PutParameterCommand && command.input.Type === 'SecureString' && !command.input.Overwrite) {
      const { Name = '', Value = '' } = command.input;
      if (this.has(Name)) throw new ParameterAlreadyExists(ANSWER);
      if (Value.length > 4096) throw new Error('the Standard tier takes 4,096 characters');
      this.set(Name, Value);
      this.history.push([Name, Value]);
      if (this.putsTwice) throw new ParameterAlreadyExists(ANSWER);
      return { Version: 1 };
    }
    if (command instanceof DeleteParameterCommand) {
      if (!this.delete(command.input.Name ?? '')) throw new ParameterNotFound(ANSWER);
      return {};
    }
    throw new Error(`the fake knows no ${command.constructor.name} like this`);
  }
}
