import type { FleetNames } from '../lib/fleet/names.ts';
import type { FleetSettings } from '../lib/fleet/schema.ts';
import type { CloudChoice } from './fleet/cloud-choice.ts';

/** What every verb is told beside its own options. */
export interface CommonOptions extends CloudChoice {
  /** The folder of the fleet files. */
  readonly fleet: string;
  /** As `cdk -c` takes them, such as `stage=dev`. */
  readonly context: readonly string[];
  /** How everything of the fleet is called. */
  readonly names: FleetNames;
  /** Its settings; undefined where there is no cdk.json, from which nothing is deployed then, and `-c` says none. */
  readonly settings: FleetSettings | undefined;
}
