import { describeIssue } from './describe-issue.ts';
import { FleetFileError } from './fleet-file-error.ts';
import { type FleetSettings, fleetSettingsSchema } from './schema.ts';

/**
 * Checks the settings of the whole fleet.
 *
 * @param context the value of the context key `fleet`: an object from cdk.json, JSON text from `cdk -c 'fleet={…}'`,
 * or undefined, which gives the defaults
 * @throws {FleetFileError}
 */
export function fleetSettings(context: unknown): FleetSettings {
  const settings = fleetSettingsSchema.safeParse(objectOf(context), { reportInput: true });
  if (settings.success) return settings.data;
  const [issue] = settings.error.issues;
  throw new FleetFileError('context "fleet"', undefined, issue ? describeIssue(issue) : 'not valid');
}

function objectOf(context: unknown): unknown {
  if (typeof context !== 'string') return context ?? {};
  try {
    return JSON.parse(context) as unknown;
  } catch {
    throw new FleetFileError('context "fleet"', undefined, `not valid JSON; allowed: such as {"removal":"destroy"}`);
  }
}
