/** A place in a statement or template, both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A statement or template that AWS IoT SQL does not know, or that this library does not carry. `message` is one line. */
export class SqlParseError extends Error {
  override readonly name = 'SqlParseError';
  readonly line: number;
  readonly column: number;

  constructor(problem: string, { line, column }: Position) {
    super(`line ${line}, column ${column}: ${problem}`);
    this.line = line;
    this.column = column;
  }
}

/** What AWS would write to CloudWatch Logs as an SQL error: the rule runs no action, not even its error action. */
export class SqlRuntimeError extends Error {
  override readonly name = 'SqlRuntimeError';
}
