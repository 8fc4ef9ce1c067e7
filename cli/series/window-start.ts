const DAY = 86_400_000;

/**
 * When the window begins in which a time lies. Windows of days and weeks are whole local days, of 23 to 25 hours when the
 * clocks change; weeks begin on Mondays. Those of which a day has a whole number begin with the local day, any other at
 * multiples of their length since 1970.
 *
 * @param time in milliseconds since 1970, as is the result
 * @param length in milliseconds
 */
export function windowStart(time: number, length: number): number {
  if (length % DAY !== 0 && DAY % length !== 0) return Math.floor(time / length) * length;
  const midnight = new Date(time);
  midnight.setHours(0, 0, 0, 0);
  if (length < DAY) return midnight.getTime() + Math.floor((time - midnight.getTime()) / length) * length;
  const days = daysSinceMonday(midnight);
  midnight.setDate(midnight.getDate() - (days % (length / DAY)));
  midnight.setHours(0, 0, 0, 0); // again: the day that it was may have had no midnight, when the clocks changed then
  return midnight.getTime();
}

/** Local days since Monday, 29 December 1969. */
function daysSinceMonday(local: Date): number {
  return Date.UTC(local.getFullYear(), local.getMonth(), local.getDate()) / DAY + 3;
}
