import {
  AttachPolicyCommand,
  CreatePolicyVersionCommand,
  DeleteConflictException,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DetachPolicyCommand,
  GetEffectivePoliciesCommand,
  GetPolicyCommand,
  ListPolicyVersionsCommand,
  paginateListAttachedPolicies,
  paginateListPolicies,
  paginateListTargetsForPolicy,
  type Policy,
} from '@aws-sdk/client-iot';
import { iot } from './clients.ts';
import { listed, unlessGone } from './gone.ts';
import { waitUntil } from './wait.ts';

/** A policy as it is deployed: the version in force. */
export interface DeployedPolicy {
  readonly name: string;
  /** JSON text. */
  readonly document: string;
}

/** The policies attached to a certificate. */
export async function policiesOf(certificateArn: string): Promise<DeployedPolicy[]> {
  const deployed: DeployedPolicy[] = [];
  for (const name of await policyNamesOf(certificateArn)) {
    deployed.push({ name, document: await documentOf(name) });
  }
  return deployed;
}

/** The version of a policy that is in force, as JSON text. */
export async function documentOf(policyName: string): Promise<string> {
  const { policyDocument = '' } = await iot.send(new GetPolicyCommand({ policyName }));
  return policyDocument;
}

/**
 * The policies that decide what a certificate may do when it connects for a thing: those attached to it, and those of the
 * thing's groups (API Reference, GetEffectivePolicies). None when certificate or thing are gone.
 */
export async function effectivePolicies(certificateArn: string, thingName?: string): Promise<DeployedPolicy[]> {
  const question = new GetEffectivePoliciesCommand({ principal: certificateArn, thingName });
  const { effectivePolicies = [] } = (await unlessGone(iot.send(question))) ?? {};
  return effectivePolicies.map(({ policyName: name = '', policyDocument: document = '' }) => ({ name, document }));
}

/** Versions that AWS IoT keeps of a policy (API Reference, CreatePolicyVersion). */
const MAX_VERSIONS = 5;

/** Puts another document in force. Where the policy has no room for one more version, the oldest goes. */
export async function replaceDocument(policyName: string, policyDocument: string): Promise<void> {
  const { policyVersions = [] } = await iot.send(new ListPolicyVersionsCommand({ policyName }));
  const [oldest] = policyVersions
    .filter(({ isDefaultVersion }) => isDefaultVersion !== true)
    .sort((one, other) => Number(one.versionId) - Number(other.versionId));
  if (policyVersions.length >= MAX_VERSIONS && oldest !== undefined) {
    await iot.send(new DeletePolicyVersionCommand({ policyName, policyVersionId: oldest.versionId }));
  }
  await iot.send(new CreatePolicyVersionCommand({ policyName, policyDocument, setAsDefault: true }));
}

/** The names of the policies attached to a certificate; none when there is no such certificate. */
export async function policyNamesOf(certificateArn: string): Promise<string[]> {
  const pages = paginateListAttachedPolicies({ client: iot }, { target: certificateArn });
  return ((await unlessGone(listed(pages, ({ policies }) => policies))) ?? []).map(nameOf);
}

/** The names of all policies of the account. */
export async function policyNames(): Promise<string[]> {
  return (await listed(paginateListPolicies({ client: iot, pageSize: 250 }, {}), ({ policies }) => policies)).map(
    nameOf,
  );
}

const nameOf = ({ policyName = '' }: Policy): string => policyName;

/** @param target ARN of a certificate */
export async function attachPolicy(policyName: string, target: string): Promise<void> {
  await iot.send(new AttachPolicyCommand({ policyName, target }));
}

/** What is detached, or gone, already counts as detached. @param target ARN of a certificate */
export async function detachPolicy(policyName: string, target: string): Promise<void> {
  await unlessGone(iot.send(new DetachPolicyCommand({ policyName, target })));
}

/** The ARNs of the certificates that a policy is attached to; undefined when there is no such policy. */
export async function targetsOf(policyName: string): Promise<string[] | undefined> {
  return unlessGone(listed(paginateListTargetsForPolicy({ client: iot }, { policyName }), ({ targets }) => targets));
}

/**
 * Deletes a policy that is attached to nothing, with all its versions. What is gone already counts as deleted.
 *
 * @param deadline in milliseconds since 1970
 * @throws {Error} when AWS IoT still sees something attached to it then
 */
export async function deletePolicy(policyName: string, deadline: number): Promise<void> {
  await waitUntil(`the policy ${policyName} is deleted, being attached to nothing`, deadline, () => {
    return isLetGo(async () => {
      const { policyVersions = [] } = await iot.send(new ListPolicyVersionsCommand({ policyName }));
      for (const { versionId: policyVersionId, isDefaultVersion } of policyVersions) {
        if (isDefaultVersion !== true) await iot.send(new DeletePolicyVersionCommand({ policyName, policyVersionId }));
      }
      await iot.send(new DeletePolicyCommand({ policyName }));
    });
  });
}

/** Whether something is gone after its deletion: not while AWS IoT still sees something attached to it. */
export async function isLetGo(
  deletion: () => Promise<unknown>,
  Refusal: new (...args: never[]) => Error = DeleteConflictException,
): Promise<boolean> {
  try {
    await unlessGone(deletion());
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}
