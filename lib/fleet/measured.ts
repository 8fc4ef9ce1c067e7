/*
 * When a reading was taken, by a board without a clock: it says how old the reading is, and AWS knows when it arrived. The
 * rule writes the difference into the column `measured` (lib/telemetry/telemetry-sql.ts). Whoever redrives a message, or
 * reads one that was kept whole, comes to the same time by this.
 */

/** The field of a message that says how long ago its reading was taken, in milliseconds, when it was sent. */
export const AGE_FIELD = 'age';

/** Whatever is older tells no age: a week, as in the firmware (ReadingRing::kMaxAgeMs). */
export const MOST_AGE_MS = 604_800_000;

/** The strings that AWS IoT SQL takes for numbers (Developer Guide, "Data types", conversions to Decimal). */
const NUMERIC_STRING = /^-?\d+(\.\d+)?(E-?\d+)?$/i;

/**
 * @param received when the message arrived, in milliseconds since 1970
 * @param age what the message has in {@link AGE_FIELD}, as JSON has it
 * @returns milliseconds since 1970; undefined where the age is none, negative, or more than {@link MOST_AGE_MS}
 */
export function measuredAt(received: number, age: unknown): number | undefined {
  const isNumber = typeof age === 'number' || (typeof age === 'string' && NUMERIC_STRING.test(age));
  const milliseconds = isNumber ? Number(age) : NaN;
  return milliseconds >= 0 && milliseconds <= MOST_AGE_MS ? received - Math.floor(milliseconds) : undefined;
}
