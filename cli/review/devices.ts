import { isDeepStrictEqual } from 'node:util';
import { siteStackName } from '../../lib/fleet/names.ts';
import type { Assembly, SynthesizedStack } from './assembly.ts';
import { sortedBy } from './order.ts';
import { type Resource, textOf } from './template.ts';

const CERTIFICATE = 'Custom::DeviceCertificate';

/** A device as the template of its site has it. */
export interface TemplateDevice {
  readonly name: string;
  readonly site: string;
  readonly stack: string;
  /** Logical id of its certificate: with another one, it gets another key. */
  readonly certificateId: string;
  readonly certificate: Resource;
  /** All its resources, by logical id. */
  readonly resources: ReadonlyMap<string, Resource>;
}

/** A device that has changed, and where it is. */
export interface ChangedDevice {
  readonly device: string;
  readonly site: string;
}

/** A device with another identity, and how that comes about. */
export interface RekeyedDevice extends ChangedDevice {
  /** `rotated`: the identity before works on until the rotation is finished. `logical id`: it is deleted. */
  readonly by: 'rotated' | 'logical id';
  /** Such as `generation 1 → 2`. */
  readonly why: string;
}

export interface MovedDevice {
  readonly device: string;
  readonly from: string;
  readonly to: string;
}

export interface DeviceChanges {
  readonly added: readonly ChangedDevice[];
  readonly removed: readonly ChangedDevice[];
  readonly revoked: readonly ChangedDevice[];
  readonly rekeyed: readonly RekeyedDevice[];
  readonly moved: readonly MovedDevice[];
  /** Other changes of the certificate, such as `parameterName a → b`. */
  readonly other: readonly (ChangedDevice & { readonly why: string })[];
}

/** All devices of an app by name. */
export function devicesOf({ stacks }: Assembly): Map<string, TemplateDevice> {
  const devices = [...stacks].flatMap(([name, stack]) => devicesIn(name, stack));
  return new Map(sortedBy(devices, ({ name }) => name).map((device) => [device.name, device]));
}

function devicesIn(stack: string, { template, paths }: SynthesizedStack): TemplateDevice[] {
  const prefix = siteStackName('');
  if (!stack.startsWith(prefix)) return [];
  const resources = Object.entries(template.Resources);
  return resources
    .filter(([, { Type }]) => Type === CERTIFICATE)
    .map(([certificateId, certificate]) => {
      const scope = scopeOf(paths.get(certificateId));
      const own = resources.filter(([id]) => id === certificateId || scopeOf(paths.get(id)) === scope);
      const name = textOf(certificate.Properties.device);
      return { name, site: stack.slice(prefix.length), stack, certificateId, certificate, resources: new Map(own) };
    });
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
  const kept = stayed.filter(({ then, now }) => then.certificateId === now.certificateId);
  return {
    added: [...after.values()].filter(({ name }) => !before.has(name)).map(located),
    removed: [...before.values()].filter(({ name }) => !after.has(name)).map(located),
    revoked: pairs.filter(({ then, now }) => isRevoked(now) && !isRevoked(then)).map(({ at }) => at),
    rekeyed: stayed.flatMap(({ then, now, at }): RekeyedDevice[] => {
      if (then.certificateId !== now.certificateId) {
        return [{ ...at, by: 'logical id', why: arrow(then.certificateId, now.certificateId) }];
      }
      const why = differences(then, now, IDENTITY);
      return why === undefined ? [] : [{ ...at, by: 'rotated', why }];
    }),
    moved: pairs
      .filter(({ then, now }) => then.site !== now.site)
      .map(({ then, now }) => ({ device: now.name, from: then.site, to: now.site })),
    other: kept.flatMap(({ then, now, at }) => {
      const names = new Set([...Object.keys(then.certificate.Properties), ...Object.keys(now.certificate.Properties)]);
      if (isRevoked(now) || !isRevoked(then)) names.delete('revoked');
      const why = differences(
        then,
        now,
        new Map([...names].filter((name) => !IDENTITY.has(name)).map((name) => [name, ''])),
      );
      return why === undefined ? [] : [{ ...at, why }];
    }),
  };
}

/** What an identity is made by, and what counts when a device says nothing of it. */
const IDENTITY: ReadonlyMap<string, string> = new Map([
  ['generation', '1'],
  ['keyType', 'ec'],
  ['csr', 'none'],
]);

function located({ name, site }: TemplateDevice): ChangedDevice {
  return { device: name, site };
}

/** CloudFormation passes every property of a custom resource on as a text. */
function isRevoked({ certificate }: TemplateDevice): boolean {
  return String(certificate.Properties.revoked) === 'true';
}

function differences(
  { certificate: { Properties: then } }: TemplateDevice,
  { certificate: { Properties: now } }: TemplateDevice,
  defaults: ReadonlyMap<string, string>,
): string | undefined {
  const changed = [...defaults].filter(([name]) => !isDeepStrictEqual(then[name], now[name]));
  const shown = (value: unknown, usual: string) => (value === undefined ? usual || 'none' : textOf(value));
  const why = changed.map(([name, usual]) =>
    name === 'csr'
      ? 'another certificate signing request'
      : `${name} ${arrow(shown(then[name], usual), shown(now[name], usual))}`,
  );
  return why.length === 0 ? undefined : why.join(', ');
}

export function arrow(before: string, after: string): string {
  return `${before} → ${after}`;
}
