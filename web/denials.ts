import type { Denial, DeviceView } from './wire.ts';

/** What was refused in the same way, once or again and again. */
export interface DenialGroup {
  readonly denial: Denial;
  readonly count: number;
  /** When it was for the first and for the last time, in milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  /** The device whose certificate it was, which need not be the one that the client claimed to be. */
  readonly device?: string;
}

/**
 * Refusals, put together where only their time differs: a board that is refused comes again, for hours. The newest first.
 *
 * @param devices by whose certificates a refusal is known, whatever client id it came under
 */
export function groupedDenials(denials: readonly Denial[], devices: readonly DeviceView[]): DenialGroup[] {
  const holders = new Map(
    devices.flatMap(({ device, certificates = [] }) => certificates.map(({ id }) => [id, device])),
  );
  const groups = new Map<string, DenialGroup>();
  for (const denial of denials) {
    const { time, what, client, certificate, topic, why } = denial;
    const key = JSON.stringify([what, client, certificate, topic, why]);
    const { count = 0, first = time, last = time } = groups.get(key) ?? {};
    const device = certificate === undefined ? client : holders.get(certificate);
    groups.set(key, {
      denial,
      count: count + 1,
      first: Math.min(first, time),
      last: Math.max(last, time),
      ...(device !== undefined && { device }),
    });
  }
  return [...groups.values()].sort((one, other) => other.last - one.last);
}
