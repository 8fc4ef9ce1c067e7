/** What every verb is told beside its own options. */
export interface CommonOptions {
  /** The folder of the fleet files. */
  readonly fleet: string;
}
