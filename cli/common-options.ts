import type { CloudChoice } from './cloud-choice.ts';

/** What every verb is told beside its own options. */
export interface CommonOptions extends CloudChoice {
  /** The folder of the fleet files. */
  readonly fleet: string;
}
