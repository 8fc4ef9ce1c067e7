import type { Progress } from '../progress.ts';
import type { Device } from './fleet.ts';

/** Where a local cloud starts: what `cdk deploy` left, or what another one left. */
export interface Ground {
  readonly devices: readonly Device[];
  /** The folder of the same fleet, deployed with the setting `payload: raw`. */
  readonly keptWhole: string;
  /** A copy of the deployed fleet, or of a folder that no cloud uses any more. */
  readonly folder: (name: string, from?: string) => string;
  readonly progress: Progress;
}
