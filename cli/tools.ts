import type { SelectRow } from './review/rule-changes.ts';

/** What a verb is lent by whoever starts `fleet`, since it may not know of it itself. Each is loaded when it is needed. */
export interface Tools {
  /** The local cloud's engine for the SQL of topic rules; without it, `review` shows no sample rows. */
  readonly selectRow?: () => Promise<SelectRow>;
}
