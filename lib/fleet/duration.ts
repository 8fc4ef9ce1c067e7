import { z } from 'zod';

const SECONDS = { h: 3_600, d: 86_400 } as const;
type Unit = keyof typeof SECONDS;
/** A whole number of hours or days. */
type Duration = `${number}${Unit}`;

export interface DurationRange {
  readonly least: Duration;
  readonly most: Duration;
  /** For the person who wrote something else. */
  readonly example: Duration;
}

/** A span of time as people write it, whole hours or days such as `6h` and `90d`. Comes out in seconds. */
export function duration({ least, most, example }: DurationRange) {
  return z.unknown().transform((written, context): number => {
    const seconds = typeof written === 'string' ? inSeconds(written) : undefined;
    if (seconds !== undefined && seconds >= Number(inSeconds(least)) && seconds <= Number(inSeconds(most))) {
      return seconds;
    }
    context.addIssue(`${JSON.stringify(written)} is not known; allowed: ${least} to ${most}, such as "${example}"`);
    return z.NEVER;
  });
}

function inSeconds(written: string): number | undefined {
  const [, amount, unit] = /^([1-9][0-9]{0,5})([hd])$/.exec(written) ?? [];
  return unit === undefined ? undefined : Number(amount) * SECONDS[unit as Unit];
}
