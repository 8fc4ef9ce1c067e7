import { fullDiff } from '@aws-cdk/cloudformation-diff';
import { type AccessStatement, accessChanges } from './access-changes.ts';
import type { Acknowledgement, Assembly, Finding, SynthesizedStack } from './assembly.ts';
import { type Danger, deviceDangers, grouped, leftBehind, resourceDangers } from './dangers.ts';
import { deviceChanges, type DeviceChanges, devicesOf, type TemplateDevice } from './devices.ts';
import { acknowledgementChanges, type Changes, findingChanges } from './findings.ts';
import { lostPolicies } from './lost-policies.ts';
import { policyChanges, type PolicyChanges } from './policy-changes.ts';
import { type PartChange, partChanges, type ResourceChange, resourceChanges } from './resource-changes.ts';
import { type RuleChange, ruleChanges, type SelectRow } from './rule-changes.ts';
import { siteRoom, type SiteRoom } from './site-room.ts';
import { EMPTY_TEMPLATE } from './template.ts';

/** How what an app deploys differs from what it deployed before. Every list is sorted, so that equal changes read alike. */
export interface Comparison {
  /** Irreversible ones first. */
  readonly dangers: readonly Danger[];
  readonly devices: DeviceChanges;
  readonly policies: readonly PolicyChanges[];
  readonly rules: readonly RuleChange[];
  readonly access: Changes<AccessStatement>;
  readonly stacks: Changes<string>;
  readonly resources: readonly ResourceChange[];
  readonly parts: readonly PartChange[];
  readonly findings: Changes<Finding>;
  readonly acknowledgements: Changes<Acknowledgement>;
  readonly sites: readonly SiteRoom[];
}

/**
 * Compares template with template; what is deployed at the moment plays no part.
 *
 * @param selectRow shows what topic rules make of a sample message; without it, they are compared by their text alone
 */
export function compare(base: Assembly, head: Assembly, selectRow?: SelectRow): Comparison {
  const after = devicesOf(head);
  // With another name it is another fleet, which has devices of its own, and the one before is left behind.
  const before = isSameFleet(base, head) ? devicesOf(base) : new Map<string, TemplateDevice>();
  const devices = deviceChanges(before, after);
  const stacks = [...new Set([...base.stacks.keys(), ...head.stacks.keys()])].sort();
  const isIn =
    ({ stacks }: Assembly) =>
    (name: string) =>
      stacks.has(name);
  const [kept, gone] = [stacks.filter(isIn(head)), stacks.filter((name) => !head.stacks.has(name))];

  const said = saidOfDevices(devices, before, after);
  const compared = kept.map((name) => compareStack(name, base.stacks.get(name), head.stacks.get(name), said));
  const removed = devices.removed.filter(({ device }) => head.stacks.has(before.get(device)?.stack ?? ''));
  return {
    dangers: grouped([
      ...deviceDangers({ ...devices, removed }, head.names),
      ...lostPolicies(base, before, after),
      ...gone.map((stack) => leftBehind(stack, devicesOf(base).values())),
      ...compared.flatMap(({ dangers }) => dangers),
    ]),
    devices,
    policies: policyChanges(before, after, head.names),
    rules: ruleChanges(base, head, selectRow),
    access: {
      added: compared.flatMap(({ access }) => access.added),
      removed: compared.flatMap(({ access }) => access.removed),
    },
    stacks: { added: kept.filter((name) => !base.stacks.has(name)), removed: gone },
    resources: compared.flatMap(({ resources }) => resources),
    parts: compared.flatMap(({ parts }) => parts),
    findings: findingChanges(base, head),
    acknowledgements: acknowledgementChanges(base, head),
    sites: siteRoom(head, after),
  };
}

function isSameFleet(base: Assembly, head: Assembly): boolean {
  return base.names.telemetryStack === head.names.telemetryStack;
}

/** What the list of devices says of the resources of a stack. */
interface Said {
  /** That they come and go with their device; and of its certificate, everything. */
  all(stack: string, logicalId: string): boolean;
  /** What they allow their device. */
  policy(stack: string, logicalId: string): boolean;
}

function saidOfDevices(
  { added, removed, moved, rekeyed }: DeviceChanges,
  ...sides: readonly ReadonlyMap<string, TemplateDevice>[]
): Said {
  const anew = rekeyed.filter(({ by }) => by === 'logical id');
  const whole = new Set([...added, ...removed, ...moved, ...anew].map(({ device }) => device));
  const [all, owned] = [new Set<string>(), new Set<string>()];
  for (const { name, stack, certificates, resources } of sides.flatMap((side) => [...side.values()])) {
    for (const { logicalId } of certificates) all.add(`${stack} ${logicalId}`);
    for (const id of resources.keys()) (whole.has(name) ? all : owned).add(`${stack} ${id}`);
  }
  return {
    all: (stack, logicalId) => all.has(`${stack} ${logicalId}`),
    policy: (stack, logicalId) => owned.has(`${stack} ${logicalId}`),
  };
}

const RULE = 'AWS::IoT::TopicRule';

function compareStack(
  name: string,
  base: SynthesizedStack | undefined,
  head: SynthesizedStack | undefined,
  said: Said,
) {
  const [before, after] = [base?.template ?? EMPTY_TEMPLATE, head?.template ?? EMPTY_TEMPLATE];
  const nameOf = (logicalId: string) =>
    constructName(head?.paths.get(logicalId) ?? base?.paths.get(logicalId)) ?? logicalId;
  const diff = fullDiff(before, after);
  const isOwned = (logicalId: string) => said.policy(name, logicalId);
  const changes = resourceChanges(name, diff, nameOf, isOwned).filter(({ logicalId }) => !said.all(name, logicalId));
  return {
    access: accessChanges(name, diff, nameOf),
    dangers: resourceDangers(changes, before, after),
    // Of a new stack, that it is new says it all.
    resources: base === undefined ? [] : changes.filter(({ type, change }) => type !== RULE || change !== 'changed'),
    parts: base === undefined ? [] : partChanges(name, diff),
  };
}

/** `/fleet-telemetry/TimeSeries/Resource/Resource` is TimeSeries to people. */
function constructName(path: string | undefined): string | undefined {
  return path?.replace(/^\/[^/]+\//, '').replace(/(\/(Resource|Default))+$/, '');
}
