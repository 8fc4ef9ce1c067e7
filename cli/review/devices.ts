import { isDeepStrictEqual } from 'node:util';
import { newestGeneration } from '../../lib/fleet/generations.ts';
import type { Assembly, SynthesizedStack } from './assembly.ts';
import { sortedBy } from './order.ts';
import { type Resource, textOf } from './template.ts';

const CERTIFICATE = 'Custom::DeviceCertificate';

/** A device as the template of its site has it. */
export interface TemplateDevice {
  readonly name: string;
  readonly site: string;
  readonly stack: string;
  /** One a generation, the oldest first. */
  readonly certificates: readonly TemplateCertificate[];
  /** Whether its board makes its key. */
  readonly enrols: boolean;
  /** Whether it is a line of a list. */
  readonly isListed: boolean;
  /** All its resources, by logical id; of a list, those that its devices share. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** One generation of a device's identity. */
export interface TemplateCertificate {
  readonly generation: number;
  /** With another one, it gets another key. */
  readonly logicalId: string;
  readonly properties: Resource['Properties'];
}

/** A device that has changed, and where it is. */
export interface ChangedDevice {
  readonly device: string;
  readonly site: string;
  /** Whether what goes of it is a certificate that was there before the fleet, and is given back. */
  readonly isGivenBack?: true;
  /** Whether its board makes its key: what it is from now on, or what goes of it. */
  readonly enrols?: true;
}

export interface AddedDevice extends ChangedDevice {
  /** Whether it is revoked from the start, so that it gets no certificate. */
  readonly isRevoked?: true;
}

/** A device with an identity more or less, and how that comes about. */
export interface RekeyedDevice extends ChangedDevice {
  /**
   * `rotated`: the identity before works on until the rotation is finished. `renewed`: the identity before is REVOKED.
   * `finished`: an identity is deleted, another one stays. `replaced`, `logical id`: all are deleted, and another one is made.
   * `key`: all are deleted, since another one makes its key from now on. `board`: its board is to make another key.
   */
  readonly by: 'rotated' | 'renewed' | 'finished' | 'replaced' | 'logical id' | 'key' | 'board';
  /** Such as `generations 1 → 1, 2`. */
  readonly why: string;
  /** The generations that are deleted. */
  readonly gone: readonly number[];
}

/** A device of which something else has changed. */
export interface OtherwiseChanged extends ChangedDevice {
  /** Such as `parameterPath a → b`. */
  readonly why: string;
  /** Whether it asks for another key within one generation, which a deployment refuses. */
  readonly refused: boolean;
}

export interface MovedDevice {
  readonly device: string;
  readonly from: string;
  readonly to: string;
}

export interface DeviceChanges {
  readonly added: readonly AddedDevice[];
  readonly removed: readonly ChangedDevice[];
  readonly revoked: readonly ChangedDevice[];
  readonly rekeyed: readonly RekeyedDevice[];
  readonly moved: readonly MovedDevice[];
  /** Other changes of a certificate. */
  readonly other: readonly OtherwiseChanged[];
}

/** All devices of an app by name. */
export function devicesOf({ names, stacks }: Assembly): Map<string, TemplateDevice> {
  const devices = [...stacks].flatMap(([name, stack]) =>
    name.startsWith(names.siteStack(''))
      ? [devicesIn, listedIn].flatMap((from) => from(name, stack, names.siteStack('')))
      : [],
  );
  return new Map(sortedBy(devices, ({ name }) => name).map((device) => [device.name, device]));
}

function devicesIn(stack: string, { template, paths }: SynthesizedStack, prefix: string): TemplateDevice[] {
  const resources = Object.entries(template.Resources);
  const certificates = resources
    .filter(([, { Type }]) => Type === CERTIFICATE)
    .map(([logicalId, { Properties: properties }]) => {
      return { name: textOf(properties.device), logicalId, properties, generation: Number(properties.generation ?? 1) };
    });
  return [...new Set(certificates.map(({ name }) => name))].map((name) => {
    const own = certificates.filter((one) => one.name === name).sort((one, other) => one.generation - other.generation);
    const ids = new Set(own.map(({ logicalId }) => logicalId));
    const scopes = new Set([...ids].map((id) => scopeOf(paths.get(id))));
    return {
      name,
      site: stack.slice(prefix.length),
      stack,
      certificates: own,
      enrols: own.some(({ properties }) => properties.key === 'board'),
      isListed: false,
      resources: new Map(resources.filter(([id]) => ids.has(id) || scopes.has(scopeOf(paths.get(id))))),
    };
  });
}

/** As if each were a resource, which has what its line says. */
function listedIn(stack: string, { template, lists }: SynthesizedStack, prefix: string): TemplateDevice[] {
  const resources = new Map(Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IoT::Policy'));
  return [...lists].flatMap(([logicalId, devices]) =>
    devices.map((device) => {
      const { name, board, revoked } = device;
      const { number: generation } = newestGeneration(device);
      const certificates = [{ generation, logicalId, properties: { device: name, board, revoked } }];
      return { name, site: stack.slice(prefix.length), stack, certificates, enrols: true, isListed: true, resources };
    }),
  );
}

/** The construct directly below the stack: a device, or what all of them share. */
function scopeOf(path: string | undefined): string | undefined {
  return path?.split('/').slice(0, 3).join('/');
}

export function deviceChanges(
  before: ReadonlyMap<string, TemplateDevice>,
  after: ReadonlyMap<string, TemplateDevice>,
): DeviceChanges {
  const pairs = [...after.values()].flatMap((now) => {
    const then = before.get(now.name);
    return then === undefined ? [] : [{ then, now, at: located(now) }];
  });
  const stayed = pairs.filter(({ then, now }) => then.site === now.site);
  return {
    added: [...after.values()]
      .filter(({ name }) => !before.has(name))
      .map((device) => ({ ...located(device), ...(isRevoked(device) && { isRevoked: true as const }) })),
    removed: [...before.values()]
      .filter(({ name }) => !after.has(name))
      .map((device) => ({ ...located(device), ...givenBack(device.certificates) })),
    revoked: pairs.filter(({ then, now }) => isRevoked(now) && !isRevoked(then)).map(({ at }) => at),
    rekeyed: stayed.flatMap(({ then, now, at }) => rekeyed(then, now, at)),
    moved: pairs
      .filter(({ then, now }) => then.site !== now.site)
      .map(({ then, now }) => ({ device: now.name, from: then.site, to: now.site })),
    other: stayed.flatMap(({ then, now, at }) => otherChanges(then, now, at)),
  };
}

function rekeyed(then: TemplateDevice, now: TemplateDevice, at: ChangedDevice): RekeyedDevice[] {
  const [former, current] = [then, now].map(({ certificates }) => certificates.map(({ generation }) => generation));
  if (makerOf(then) !== makerOf(now)) {
    return [{ ...at, by: 'key', why: `key made by the ${arrow(makerOf(then), makerOf(now))}`, gone: former ?? [] }];
  }
  if (now.enrols) {
    if (isDeepStrictEqual(former, current) || isRevoked(now)) return [];
    return [{ ...at, by: isRevoked(then) ? 'renewed' : 'board', why: generationsText(then, now), gone: [] }];
  }
  const both = keptCertificates(then, now);
  const gone = former?.filter((generation) => !current?.includes(generation)) ?? [];
  const elsewhere = both.filter(([before, after]) => before.logicalId !== after.logicalId);
  const [moved] = elsewhere;
  if (moved !== undefined) {
    const why = arrow(moved[0].logicalId, moved[1].logicalId);
    return [{ ...at, by: 'logical id', why, gone: [...gone, ...elsewhere.map(([{ generation }]) => generation)] }];
  }
  // A revoked device has no identity that works, whatever its generations are.
  if (isDeepStrictEqual(former, current) || isRevoked(now)) return [];
  const rotated = isRevoked(then) ? 'renewed' : 'rotated';
  const by = gone.length === 0 ? rotated : both.length === 0 ? 'replaced' : 'finished';
  const leaving = then.certificates.filter(({ generation }) => gone.includes(generation));
  return [{ ...at, ...givenBack(leaving), by, why: generationsText(then, now), gone }];
}

/** Who makes the key of a device, and where what it has by enrolment is kept. */
function makerOf({ enrols, isListed }: TemplateDevice): string {
  return isListed ? 'board (in a list)' : enrols ? 'board' : 'deployment';
}

function givenBack(certificates: readonly TemplateCertificate[]): { isGivenBack?: true } {
  const wasThere =
    certificates.length > 0 && certificates.every(({ properties }) => properties.certificateId !== undefined);
  return wasThere ? { isGivenBack: true } : {};
}

function generationsText(...sides: readonly [TemplateDevice, TemplateDevice]): string {
  const [then, now] = sides.map(({ certificates }) => certificates.map(({ generation }) => generation).join(', '));
  return `generations ${arrow(then ?? '', now ?? '')}`;
}

function otherChanges(then: TemplateDevice, now: TemplateDevice, at: ChangedDevice): OtherwiseChanged[] {
  const generations = ({ certificates }: TemplateDevice) => certificates.map(({ generation }) => generation);
  const ofRevoked =
    isRevoked(now) && !isDeepStrictEqual(generations(then), generations(now))
      ? [{ ...at, why: generationsText(then, now), refused: false }]
      : [];
  // Then another one makes its key, and nothing of its certificates is left.
  if (makerOf(then) !== makerOf(now)) return ofRevoked;
  const ofCertificates = keptCertificates(then, now).flatMap(
    ([{ properties: former, logicalId }, { properties: current, ...after }]) => {
      if (logicalId !== after.logicalId) return []; // then it is another one
      const names = [...new Set([...Object.keys(former), ...Object.keys(current)])].filter(
        (name) => !isDeepStrictEqual(former[name], current[name]) && (name !== 'revoked' || !isRevoked(now)),
      );
      if (names.length === 0) return [];
      const shown = (name: string, value: unknown) =>
        value === undefined ? (DEFAULTS.get(name) ?? 'none') : textOf(value);
      const why = names.map((name) =>
        name === 'csr'
          ? 'another certificate signing request'
          : `${name} ${arrow(shown(name, former[name]), shown(name, current[name]))}`,
      );
      const refused = !isRevoked(now) && names.some((name) => ['csr', 'keyType', 'certificateId'].includes(name));
      return [{ ...at, why: why.join(', '), refused }];
    },
  );
  return [...ofRevoked, ...ofCertificates];
}

/** The certificates of generations that a device had and has. */
function keptCertificates(
  then: TemplateDevice,
  now: TemplateDevice,
): (readonly [TemplateCertificate, TemplateCertificate])[] {
  return now.certificates.flatMap((after) => {
    const before = then.certificates.find(({ generation }) => generation === after.generation);
    return before === undefined ? [] : [[before, after] as const];
  });
}

/** What counts where a certificate says nothing of it. */
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ['keyType', 'ec'],
  ['revoked', 'false'],
]);

function located({ name, site, enrols }: TemplateDevice): ChangedDevice {
  return { device: name, site, ...(enrols && { enrols }) };
}

/** CloudFormation passes every property of a custom resource on as a text. */
export function isRevoked({ certificates }: TemplateDevice): boolean {
  return certificates.some(({ properties }) => String(properties.revoked) === 'true');
}

export function arrow(before: string, after: string): string {
  return `${before} → ${after}`;
}
