import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readDeviceList } from '../../lib/fleet/device-list.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import { type Template, templateSchema } from './template.ts';

/** What cdk-nag, CDK's own validation or our rules found wrong with a construct. */
export interface Finding {
  readonly rule: string;
  /** Such as `error` or `warning`. */
  readonly severity: string;
  /** Its path in the tree of constructs: `fleet-telemetry/DeadLetters/Resource`. */
  readonly construct: string;
  readonly description: string;
}

/** A rule that need not hold for a construct and what is below it, and why. */
export interface Acknowledgement {
  readonly rule: string;
  readonly construct: string;
  readonly reason: string;
}

/** A stack that an app has synthesised. */
export interface SynthesizedStack {
  readonly template: Template;
  /** Where in the tree of constructs each resource stands, by its logical id: `/fleet-site-home/attic/Thing`. */
  readonly paths: ReadonlyMap<string, string>;
  /** The devices of its lists, by the logical ids of these. */
  readonly lists: ReadonlyMap<string, readonly FleetDevice[]>;
}

/** What an app has synthesised, as far as a review looks at it. */
export interface Assembly {
  /** Of the fleet. */
  readonly names: FleetNames;
  /** By name. */
  readonly stacks: ReadonlyMap<string, SynthesizedStack>;
  readonly findings: readonly Finding[];
  /** Findings that someone has acknowledged, with a reason. */
  readonly acknowledgements: readonly Acknowledgement[];
}

const DEVICE_LIST = 'Custom::DeviceList';

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.looseObject({ templateFile: z.string().optional(), stackName: z.string().optional() }).optional(),
    }),
  ),
});

const metadataSchema = z.record(z.string(), z.array(z.object({ type: z.string(), data: z.unknown() })));

/** Of CDK's validation report, which cdk-nag and other plugins write into. */
const reportSchema = z.object({
  pluginReports: z.array(
    z.object({
      violations: z.array(
        z.object({
          ruleName: z.string(),
          description: z.string(),
          severity: z.string(),
          violatingConstructs: z.array(
            z.object({
              constructPath: z.string().optional(),
              cloudFormationResource: z.object({ logicalId: z.string() }).optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** Reads a cloud assembly: the folder that an app writes, cdk.out as a rule. */
export function readAssembly(folder: string, names: FleetNames): Assembly {
  const stacks = new Map<string, SynthesizedStack>();
  const acknowledgements: Acknowledgement[] = [];
  const { artifacts } = manifestSchema.parse(readJson(join(folder, 'manifest.json')));
  for (const [id, { type, properties }] of Object.entries(artifacts)) {
    if (type !== 'aws:cloudformation:stack' || properties?.templateFile === undefined) continue;
    const metadataFile = join(folder, `${id}.metadata.json`);
    const metadata = existsSync(metadataFile) ? metadataSchema.parse(readJson(metadataFile)) : {};
    const entries = Object.entries(metadata).flatMap(([path, list]) => list.map((entry) => ({ path, ...entry })));
    const logicalIds = entries.filter((entry) => entry.type === 'aws:cdk:logicalId');
    const template = templateSchema.parse(readJson(join(folder, properties.templateFile)));
    stacks.set(properties.stackName ?? id, {
      template,
      paths: new Map(logicalIds.map(({ path, data }) => [String(data), path])),
      lists: listsOf(template, folder),
    });
    for (const entry of entries)
      if (entry.type === 'aws:cdk:acknowledged-rules') acknowledgements.push(...acknowledged(entry));
  }
  return { names, stacks, findings: findingsIn(folder), acknowledgements };
}

/** A list is an asset: a file that is called after its hash, as what is uploaded of it is. */
function listsOf({ Resources }: Template, folder: string): SynthesizedStack['lists'] {
  const lists = Object.entries(Resources).filter(([, { Type }]) => Type === DEVICE_LIST);
  return new Map(
    lists.flatMap(([logicalId, { Properties }]) => {
      const [, hash] = /"([0-9a-f]{64})\.csv"/.exec(JSON.stringify(Properties)) ?? [];
      return hash === undefined ? [] : [[logicalId, readDeviceList(join(folder, `asset.${hash}.csv`))] as const];
    }),
  );
}

/** CDK writes the name of a plugin before the rule: `AwsSolutions::AwsSolutions-SQS3`. */
function acknowledged({ path, data }: { readonly path: string; readonly data: unknown }): Acknowledgement[] {
  return Object.entries(z.record(z.string(), z.string()).parse(data)).map(([id, reason]) => {
    return { rule: id.replace(/^[\w-]+::/, ''), construct: path.slice(1), reason };
  });
}

/** None when no plugin ran: CDK writes no report then. */
function findingsIn(folder: string): Finding[] {
  const file = ['validation-report.json', 'policy-validation-report.json']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined) return [];
  const violations = reportSchema.parse(readJson(file)).pluginReports.flatMap((report) => report.violations);
  return violations.flatMap(({ ruleName, description, severity, violatingConstructs }) =>
    violatingConstructs.map(({ constructPath, cloudFormationResource }) => {
      const construct = constructPath ?? cloudFormationResource?.logicalId ?? '';
      return { rule: ruleName, severity, construct, description };
    }),
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
