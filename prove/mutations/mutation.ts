/** A property of the templates that keeps the fleet safe, and a small change of the code that breaks it. */
export interface Mutation {
  /** What holds without the change. */
  readonly property: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly replace: string;
}
