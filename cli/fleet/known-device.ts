import type { Generation } from '../../lib/fleet/generations.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Board } from '../../lib/fleet/schema.ts';

/** A device of the fleet files, or one that only the stack of a site has. */
export interface KnownDevice {
  readonly site: string;
  /** Of its fleet. */
  readonly names: FleetNames;
  /** The fleet file of the site, or its list; none when only its stack is left. */
  readonly file?: string;
  readonly device: string;
  /** None when the fleet file does not have the device (any more). */
  readonly board?: Board;
  /** What the fleet file says. */
  readonly revoked: boolean;
  /** What the fleet file says: whether its board makes its key itself. @default false */
  readonly enrols?: boolean;
  /** Whether it is a line of a list, and no resource of the stack. @default false */
  readonly isListed?: boolean;
  /** Of the fleet file, the oldest first. */
  readonly generations: readonly Generation[];
  readonly deployed: boolean;
}

/** Undefined where it is not known whether the stack of its site has it. */
export type PerhapsDeployed = Omit<KnownDevice, 'deployed'> & { readonly deployed: boolean | undefined };
