import { InvalidArgumentError } from 'commander';

const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/**
 * Reads a point in time as people write it: how long ago (`90s`, `24h`, `7d`), a date (`2026-01-31`, then midnight UTC),
 * a date and time (`2026-01-31T08:00`, local unless it names a zone), or milliseconds since 1970 as in `received`.
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
      : /^\d{4}-\d\d-\d\d/.test(text)
        ? Date.parse(text)
        : NaN;
  if (Number.isNaN(time)) {
    throw new InvalidArgumentError('Allowed: such as 90s, 15m, 24h, 7d, 2w, or a time such as 2026-01-31T08:00.');
  }
  return Math.max(0, Math.round(time));
}

/**
 * Reads a span of time: `90s`, `15m`, `24h`, `7d`, `2w`.
 *
 * @returns milliseconds, more than 0
 * @throws {InvalidArgumentError} which commander turns into a message about the option
 */
export function duration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const span = Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS];
  if (!(span > 0)) throw new InvalidArgumentError('Allowed: such as 90s, 15m, 24h, 7d, 2w.');
  return span;
}

/** Local date and time to the millisecond, the unit of `received`. */
export function formatMillisecond(time: number): string {
  const local = new Date(time - new Date(time).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, -1).replace('T', ' ');
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
