import { NotImplementedError } from '../errors.ts';

/** Refuses members of an input that the local cloud does not honour, by their names, rather than ignore them. */
export function refuseMembers<I extends object>(
  operation: string,
  input: I,
  members: readonly (keyof I & string)[],
): void {
  for (const member of members)
    if (input[member] !== undefined) throw new NotImplementedError(`${member} of ${operation}`);
}
