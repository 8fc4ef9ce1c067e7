import { IoTClient, paginateListCertificates, paginateListPolicies, paginateListThings } from '@aws-sdk/client-iot';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { listed } from '../../aws/gone.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import type { Deployment } from '../../testing/cloud/deployment.ts';

/** How many of each there are. */
export interface Expected {
  readonly things: number;
  readonly policies: number;
  readonly parameters: number;
  /** By status. */
  readonly certificates: Readonly<Record<string, number>>;
}

/** What AWS IoT and the Parameter Store have of a fleet. */
export async function inventoryOf(client: Deployment['client']): Promise<Expected> {
  // Whoever looks is throttled as well.
  const patient = { ...client, maxAttempts: 20 };
  const [iot, ssm] = [new IoTClient(patient), new SSMClient(patient)];
  const config = { client: iot, pageSize: 250 };
  const path = { Path: new FleetNames().identityRoot, Recursive: true };
  const certificates: Record<string, number> = {};
  for (const { status = '' } of await listed(paginateListCertificates(config, {}), (page) => page.certificates))
    certificates[status] = (certificates[status] ?? 0) + 1;
  return {
    things: (await listed(paginateListThings(config, {}), (page) => page.things)).length,
    policies: (await listed(paginateListPolicies(config, {}), (page) => page.policies)).length,
    parameters: (await listed(paginateGetParametersByPath({ client: ssm }, path), (page) => page.Parameters)).length,
    certificates,
  };
}

/** A problem for each that is missing or too many. */
export function problemsIn(found: Expected, expected: Expected): string[] {
  const counts = ({ certificates, ...rest }: Expected): Record<string, number> => ({ ...rest, ...certificates });
  const [is, should] = [counts(found), counts(expected)];
  return [...new Set([...Object.keys(is), ...Object.keys(should)])].flatMap((what) => {
    const [there, wanted] = [is[what] ?? 0, should[what] ?? 0];
    const problem = `${there} instead of ${wanted} ${/^[A-Z]/.test(what) ? `certificates ${what}` : what}`;
    return Array.from({ length: Math.abs(there - wanted) }, () => problem);
  });
}
