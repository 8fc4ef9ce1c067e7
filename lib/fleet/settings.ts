import { describeIssue } from './describe-issue.ts';
import { FleetFileError } from './fleet-file-error.ts';
import { type FleetSettings, fleetSettingsSchema } from './schema.ts';

/**
 * Checks the settings of the whole fleet.
 *
 * @param context the value of the context key `fleet`: an object from cdk.json, JSON text from `cdk -c 'fleet={…}'`,
 * or undefined, which gives the defaults
 * @param where it stands, for error messages
 * @throws {FleetFileError}
 */
export function fleetSettings(context: unknown, where = 'context "fleet"'): FleetSettings {
  const settings = fleetSettingsSchema.safeParse(objectOf(context, where), { reportInput: true });
  if (settings.success) return settings.data;
  const [issue] = settings.error.issues;
  throw new FleetFileError(where, undefined, issue ? describeIssue(issue) : 'not valid');
}

/** What the CDK knows of the fleet: the context of cdk.json, and what `-c key=value` has put over it. */
export interface FleetContext {
  /** The settings of the whole fleet. */
  readonly fleet?: unknown;
  /** By the name of a stage, such as dev, settings that go over those of `fleet`. */
  readonly stages?: unknown;
  /** One of the stages. @default none: the settings of `fleet` alone */
  readonly stage?: unknown;
  /** The folder of the fleet files. @default fleet */
  readonly fleetDir?: unknown;
}

/** The keys of a {@link FleetContext}. */
export const CONTEXT_KEYS = ['fleet', 'stages', 'stage', 'fleetDir'] as const satisfies (keyof FleetContext)[];

/**
 * The settings of the fleet, or of one of its stages.
 *
 * @throws {FleetFileError}
 */
export function settingsIn(context: FleetContext): FleetSettings {
  const settings = fleetSettings(context.fleet);
  const { stage } = context;
  return stage === undefined
    ? settings
    : fleetSettings(mergedSettings(context), `context "stages", ${JSON.stringify(stage)}`);
}

/** The same as they are written: neither checked, nor with what stands at its default. @throws {FleetFileError} */
export function mergedSettings({ fleet, stages, stage }: FleetContext): Readonly<Record<string, unknown>> {
  const ofFleet = Object.fromEntries(entriesOf(fleet, 'context "fleet"'));
  if (stage === undefined) return ofFleet;
  const known = entriesOf(stages, 'context "stages"');
  const [, own] = known.find(([name]) => name === stage) ?? [];
  if (own === undefined) {
    const allowed =
      known.length === 0 ? 'none, since cdk.json has no "stages"' : known.map(([name]) => name).join(', ');
    throw new FleetFileError(
      'context "stage"',
      undefined,
      `${JSON.stringify(stage)} is not known; allowed: ${allowed}`,
    );
  }
  return { ...ofFleet, ...Object.fromEntries(entriesOf(own, `context "stages", ${JSON.stringify(stage)}`)) };
}

/** The folder of the fleet files. @throws {FleetFileError} */
export function fleetFolderIn({ fleetDir = 'fleet' }: FleetContext): string {
  if (typeof fleetDir === 'string') return fleetDir;
  throw new FleetFileError('context "fleetDir"', undefined, 'must be text');
}

function entriesOf(context: unknown, where: string): [string, unknown][] {
  const object = objectOf(context, where);
  if (typeof object === 'object' && object !== null && !Array.isArray(object)) return Object.entries(object);
  throw new FleetFileError(where, undefined, 'the content must be a map of keys and values');
}

function objectOf(context: unknown, where: string): unknown {
  if (typeof context !== 'string') return context ?? {};
  try {
    return JSON.parse(context) as unknown;
  } catch {
    throw new FleetFileError(where, undefined, `not valid JSON; allowed: such as {"removal":"destroy"}`);
  }
}
