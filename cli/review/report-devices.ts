import { type DeviceChanges } from './devices.ts';
import { code, deviceCodes, type Part, type Span, strong } from './document.ts';

/** What happens to devices: a line for all to which the same happens. */
export function deviceParts({ added, removed, revoked, rekeyed, moved, other }: DeviceChanges): Part[] {
  const renamed = new Set(removed.map(({ site }) => site));
  const lines: Line[] = [
    ...added.map(({ device, site, isRevoked, enrols }) => {
      const name = !isRevoked && renamed.has(site) ? ' (a changed name is a new device with a new key)' : '';
      return {
        what: 'added',
        device,
        tail: ` to ${site}${isRevoked ? ', revoked: it gets no certificate' : ''}${name}`,
        ...(enrols && !isRevoked && { then: WAITS }),
      };
    }),
    ...removed.map(({ device, site }) => ({ what: 'removed', device, tail: ` from ${site}` })),
    ...moved.map(({ device, from, to }) => ({ what: 'moved', device, tail: ` from ${from} to ${to}` })),
    ...revoked.map(({ device, site }) => ({ what: 'revoked', device, tail: ` in ${site}` })),
    ...rekeyed.map(({ device, site, by, why, enrols }) => ({
      what: 're-keyed',
      device,
      tail: ` in ${site}: ${why}`,
      ...(by === 'rotated' && { then: ROTATED }),
      ...(by === 'renewed' && { then: RENEWED }),
      ...(by === 'board' && { then: BY_BOARD }),
      ...(by === 'key' && enrols && { then: WAITS }),
    })),
    ...other.map(({ device, site, why }) => ({ what: 'changed', device, tail: ` in ${site}: ${why}` })),
  ];
  const groups = new Map<string, { line: Line; devices: string[] }>();
  for (const line of lines) {
    const key = [line.what, line.tail, line.then?.name].join(' ');
    const group = groups.get(key) ?? { line, devices: [] };
    group.devices.push(line.device);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ line, devices }) => [
    strong(line.what),
    ' ',
    ...deviceCodes(devices),
    line.tail,
    ...(line.then?.(devices) ?? []),
  ]);
}

interface Line {
  readonly what: string;
  readonly device: string;
  readonly tail: string;
  /** @param devices to all of which it happens */
  readonly then?: (devices: readonly string[]) => readonly Span[];
}

const ROTATED = ([first = '', ...others]: readonly string[]): readonly Span[] => [
  '; the identity before works on until ',
  code(`bin/fleet rotate ${first} --finish`),
  ...(others.length === 0 ? [] : [', and so for each']),
];

const RENEWED = (): readonly Span[] => ['; the identity before stays REVOKED, and the board needs the new one'];

const WAITS = ([first = '', ...others]: readonly string[]): readonly Span[] => [
  '; once deployed, it waits for its board: ',
  code(`bin/fleet enrol ${first}`),
  ...(others.length === 0 ? [] : [', and so for each']),
];

const BY_BOARD = (): readonly Span[] => ['; its board makes a new key, and works on with the one before until then'];
