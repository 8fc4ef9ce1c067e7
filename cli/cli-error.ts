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
   * What to do: DynamoDB keeps a backup of a deleted table that had point-in-time recovery, as ours has (Developer Guide,
   * "Before you begin using point in time recovery"), and CloudFormation does not see that a table is gone.
   */
  constructor(table: string) {
    super(
      `the table "${table}" is gone: somebody deleted it, and rows have nowhere to go. Its rows come back when its backup ` +
        `"${table}$DeletedTableBackup", kept for 35 days, is restored under the same name; an empty table comes with: ` +
        'npx cdk destroy fleet-telemetry && npx cdk deploy fleet-telemetry',
    );
  }
}
