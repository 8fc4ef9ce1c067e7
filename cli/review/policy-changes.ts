import type { FleetNames } from '../../lib/fleet/names.ts';
import type { NamedPolicy } from '../../policy/document.ts';
import { evaluate, type Verdict } from '../../policy/evaluate.ts';
import { devicePolicy } from '../policy/device-policies.ts';
import type { TemplateDevice } from './devices.ts';
import { sortedBy } from './order.ts';
import { probesOf, type Probe, shortResource } from './policy-probes.ts';
import { resolved } from './template.ts';

/** What a device may do that it could not do before, or the other way round. */
export interface PolicyChange {
  readonly may: 'now' | 'no longer' | 'unclear';
  /** Such as `iot:Publish`. */
  readonly action: string;
  /** What the statement covers: `topic/rtjm/*`. `<device>` stands for the device's own name. */
  readonly resource: string;
  /** One resource for which the answer has changed: `topic/rtjm/another-device/telemetry`. */
  readonly example: string;
  /** True when it concerns a connection whose certificate is not attached to the device's thing. */
  readonly detached: boolean;
}

/** The same change of the policies of some devices. */
export interface PolicyChanges {
  readonly devices: readonly string[];
  readonly changes: readonly PolicyChange[];
}

/** How the policies of devices differ that are on both sides; devices whose policies change alike stand together. */
export function policyChanges(
  before: ReadonlyMap<string, TemplateDevice>,
  after: ReadonlyMap<string, TemplateDevice>,
  names: FleetNames,
): PolicyChanges[] {
  const groups = new Map<string, { devices: string[]; changes: readonly PolicyChange[] }>();
  // The devices of a list share their policies, and what changes is said without their names.
  const shared = new Map<TemplateDevice['resources'], { then: TemplateDevice['resources']; changes: PolicyChange[] }>();
  for (const now of after.values()) {
    const then = before.get(now.name);
    if (then === undefined) continue;
    const known = shared.get(now.resources);
    const changes =
      known?.then === then.resources ? known.changes : changesOf(now.name, names, policiesOf(then), policiesOf(now));
    shared.set(now.resources, { then: then.resources, changes });
    if (changes.length === 0) continue;
    const key = JSON.stringify(changes);
    const group = groups.get(key) ?? { devices: [], changes };
    group.devices.push(now.name);
    groups.set(key, group);
  }
  return sortedBy(groups.values(), ({ devices }) => devices[0] ?? '');
}

function policiesOf({ name, resources }: TemplateDevice): NamedPolicy[] {
  return [...resources.values()]
    .filter(({ Type }) => Type === 'AWS::IoT::Policy')
    .map(({ Properties: { PolicyDocument } }) =>
      devicePolicy({ name, document: JSON.stringify(resolved(PolicyDocument)) }),
    );
}

function changesOf(
  device: string,
  names: FleetNames,
  before: readonly NamedPolicy[],
  after: readonly NamedPolicy[],
): PolicyChange[] {
  const byText = (policies: readonly NamedPolicy[]) =>
    new Map(
      policies
        .flatMap(({ document }) => document.statements)
        .map((statement) => [JSON.stringify({ ...statement, label: '' }), statement]),
    );
  const [then, now] = [byText(before), byText(after)] as const;
  const differing = [...[...then].filter(([key]) => !now.has(key)), ...[...now].filter(([key]) => !then.has(key))];
  const found = new Map<string, PolicyChange>();
  for (const probe of differing.flatMap(([, statement]) => probesOf(statement, device, names))) {
    const may = difference(evaluate(before, probe.request), evaluate(after, probe.request));
    if (may === undefined) continue;
    const change = described(probe, may, [device, names.thing(device)]);
    // The first example is the most telling one.
    const key = [change.may, change.action, change.resource].join(' ');
    if (!found.has(key)) found.set(key, change);
  }
  return sortedBy(found.values(), ({ action, resource, may }) => [action, resource, may].join(' '));
}

function difference(before: Verdict, after: Verdict): PolicyChange['may'] | undefined {
  if (before.outcome === after.outcome) return undefined;
  if (after.outcome === 'unsure') return 'unclear';
  const [could, can] = [before.outcome === 'allowed', after.outcome === 'allowed'];
  if (before.outcome === 'unsure') return can ? 'now' : 'no longer';
  return could === can ? undefined : can ? 'now' : 'no longer';
}

function described(
  { request, pattern, detached }: Probe,
  may: PolicyChange['may'],
  own: readonly string[],
): PolicyChange {
  const anonymous = (resource: string) => replaceName(shortResource(resource), own);
  return { may, action: request.action, resource: anonymous(pattern), example: anonymous(request.resource), detached };
}

/** So that the changes of many devices can be told to be the same. */
function replaceName(resource: string, own: readonly string[]): string {
  return resource
    .split('/')
    .map((level) => (own.includes(level) ? '<device>' : level))
    .join('/');
}
