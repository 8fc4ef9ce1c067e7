import type { Generation } from './generations.ts';
import type { Board } from './schema.ts';

/** One board, as its entry in a fleet file describes it, or its line in a list. */
export interface FleetDevice {
  readonly name: string;
  readonly board: Board;
  readonly revoked: boolean;
  /** Whether its board makes its key itself, and gets its certificate by enrolment. @default false */
  readonly enrols?: boolean;
  /** Its identities, the oldest first: one, or two while the board changes from one to the other. */
  readonly generations: readonly Generation[];
  /** Where the entry starts in its file, counted from 1. */
  readonly line: number;
}
