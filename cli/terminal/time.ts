import { InvalidArgumentError } from 'commander';

const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 } as const;

/** As {@link formatMillisecond} writes it, or less of it, or as ISO 8601 has it. */
const DATE_AND_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * Reads a point in time as people write it: how long ago (`90s`, `24h`, `7d`), a date (`2026-01-31`), a date and time
 * (`2026-01-31T08:00`), or milliseconds since 1970 as in `received`. Dates and times are local unless they name a zone.
 *
 * @param now in milliseconds since 1970
 * @returns milliseconds since 1970
 * @throws {InvalidArgumentError} which commander turns into a message about the option
 */
export function pointInTime(text: string, now = Date.now()): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const time = /^\d{13}$/.test(text)
    ? Number(text)
    : unit !== undefined
      ? now - Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS]
      : dateAndTime(text);
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Allowed: such as 90s, 15m, 24h, 7d, 2w, or a time such as 2026-01-31T08:00.');
  }
  return Math.max(0, Math.round(time));
}

/** NaN for what is none, such as the 30th of February: Date.parse takes it for the 2nd of March, and reads over junk. */
function dateAndTime(text: string): number {
  const [, year, month, day, hour, minute, second, fraction = '', utc, sign, zoneHours, zoneMinutes] =
    DATE_AND_TIME.exec(text) ?? [];
  const [y, mo, d, h, min, s] = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0)) as Six;
  const asUtc = new Date(Date.UTC(y, mo - 1, d));
  if (year === undefined || asUtc.getUTCMonth() !== mo - 1 || asUtc.getUTCDate() !== d) return NaN;
  if (h > 23 || min > 59 || s > 59) return NaN;
  const milliseconds = Number(`0.${fraction || 0}`) * 1_000;
  if (utc === undefined && sign === undefined) return new Date(y, mo - 1, d, h, min, s).getTime() + milliseconds;
  const offset = Number(`${sign ?? '+'}1`) * (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0)) * 60_000;
  if (Math.abs(offset) > 14 * MILLISECONDS.h || Number(zoneMinutes ?? 0) > 59) return NaN;
  return Date.UTC(y, mo - 1, d, h, min, s) + milliseconds - offset;
}

type Six = [number, number, number, number, number, number];

/**
 * Reads a length of time as people write it, such as `10m`; a year has 365 days.
 *
 * @returns milliseconds
 * @throws {InvalidArgumentError} which commander turns into a message about the option
 */
export function lengthOfTime(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,5})([smhdwy])$/.exec(text) ?? [];
  if (unit === undefined) throw new InvalidArgumentError('Allowed: such as 30s, 10m, 1h, 1d, 1y.');
  return Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
}

/** A length of time in the largest unit of which it is a whole number: `10 min`. */
export function formatLength(milliseconds: number): string {
  const units = [
    [MILLISECONDS.d, 'd'],
    [MILLISECONDS.h, 'h'],
    [MILLISECONDS.m, 'min'],
    [MILLISECONDS.s, 's'],
  ] as const;
  const [size, name] = units.find(([size]) => milliseconds % size === 0) ?? [1, 'ms'];
  return `${milliseconds / size} ${name}`;
}

/** Local date and time to the millisecond, the unit of `received`. */
export function formatMillisecond(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, -1).replace('T', ' ');
}

/** The local date and time to the minute. */
export function formatMinute(time: number): string {
  return formatMillisecond(time).slice(0, 'yyyy-mm-dd hh:mm'.length);
}

/** The local day. */
export function formatDay(time: number): string {
  return formatMillisecond(time).slice(0, 'yyyy-mm-dd'.length);
}

/** How long ago, in one unit: `12 s ago`. */
export function formatAgo(time: number, now = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - time) / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}
