/** An error as AWS would answer it: a code of the service's model, a sentence, and the HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

/** An answer that says no as often as yes, such as that nobody is connected: no line of the log. */
export class ExpectedError extends AwsError {}

/** What the local cloud does not do, said with its name. 501 is a status no SDK retries. */
export class NotImplementedError extends AwsError {
  constructor(what: string) {
    super('NotImplemented', `${what} is not implemented by the local cloud`, 501);
  }
}

/** Refuses members of an input that ask for what is not done here, by their names, rather than ignore them. */
export function refuseMembers<I extends object>(
  operation: string,
  input: I,
  members: readonly (keyof I & string)[],
): void {
  for (const member of members) {
    const value: unknown = input[member];
    const asks = value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
    if (asks) throw new NotImplementedError(`${member} of ${operation}`);
  }
}
