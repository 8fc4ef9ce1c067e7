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

/** The stack of the time-series is there, and its table is not: somebody deleted it by hand. */
export class MissingTableError extends CliError {
  override readonly name = 'MissingTableError';

  /**
   * The way out: DynamoDB keeps a backup of a deleted table that had point-in-time recovery, as ours has, for 35 days
   * (Developer Guide, "Before you begin using point in time recovery"). CloudFormation does not see that a table is gone.
   */
  constructor(table: string) {
    const stack = table.replace(/-TimeSeries.*$/, ''); // CloudFormation calls it after that
    super(
      `the table "${table}" is gone: somebody deleted it. Messages wait as dead letters, for 14 days. Restore its backup ` +
        'under the same name, which DynamoDB keeps for 35 days, then run: bin/fleet redrive. Or begin with an empty table, ' +
        `and without these dead letters: npx cdk destroy ${stack} && npx cdk deploy ${stack}`,
    );
  }
}
