import { IoTClient, paginateListCertificates, paginateListPolicies, paginateListThings } from '@aws-sdk/client-iot';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
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
  let [things, policies, parameters] = [0, 0, 0];
  const certificates: Record<string, number> = {};
  for await (const page of paginateListThings({ client: iot, pageSize: 250 }, {})) things += page.things?.length ?? 0;
  for await (const page of paginateListPolicies({ client: iot, pageSize: 250 }, {}))
    policies += page.policies?.length ?? 0;
  for await (const page of paginateListCertificates({ client: iot, pageSize: 250 }, {}))
    for (const { status = '' } of page.certificates ?? []) certificates[status] = (certificates[status] ?? 0) + 1;
  const path = { Path: new FleetNames().identityRoot, Recursive: true };
  for await (const page of paginateGetParametersByPath({ client: ssm }, path))
    parameters += page.Parameters?.length ?? 0;
  return { things, policies, parameters, certificates };
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
