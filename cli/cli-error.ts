/** A verb cannot do what it was asked for. The message is one line that says why, and what to do. */
export class CliError extends Error {
  override readonly name: string = 'CliError';
}

/** What a verb looks for is not in the cloud. */
export class NotDeployedError extends CliError {
  override readonly name = 'NotDeployedError';

  /** @param what such as `stack "fleet-telemetry"` */
  constructor(what: string) {
    super(`${what} is not deployed; run: npx cdk deploy --all`);
  }
}
