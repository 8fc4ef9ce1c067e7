import { giveBack } from '../../aws/adoption.ts';
import { type Certificate, foreignThingOf, removeCertificate as remove, shortId } from '../../aws/certificates.ts';
import {
  deleteIdentity,
  parameterName,
  PARTS,
  type RecordedCertificate,
  type StoredIdentity,
} from '../../aws/identities.ts';
import { deletePolicy, detachPolicy } from '../../aws/policies.ts';
import { deleteThing } from '../../aws/things.ts';
import { inAMinute, inSixMinutes } from '../../aws/wait.ts';
import { type FleetNames, standInName } from '../../lib/fleet/names.ts';
import { endConnection } from '../aws/connection.ts';
import { CliError } from '../terminal/cli-error.ts';
import { type Finding, problem } from './finding.ts';
import type { Holding } from './holdings.ts';

/** What an interrupted deployment has left of a device that it was to delete. */
export async function leftOfDevice(holding: Holding): Promise<Finding> {
  const { site, device, certificates } = holding;
  const states = certificates.map((certificate) => `${shortId(certificate)} is ${certificate.status}`).join(', ');
  const others = await othersIn(holding);
  const text =
    `${device} is neither in ${site}.yaml nor deployed, but left of it: ${partsOf(holding).join(', ')}` +
    (states === '' ? '' : ` (certificate ${states})`);
  return others.length === 0
    ? problem(device, text, { text: removalOf(holding), apply: () => removeLeftovers(holding) })
    : problem(device, `${text}; see to this first: ${others.join(', ')}`);
}

function partsOf({ identities, certificates, abandoned }: Holding): string[] {
  const isStored = identities.length > 0;
  return [
    ...(isStored ? ['its identity in the Parameter Store'] : []),
    ...(isStored && certificates.length === 0 ? ['no certificate'] : []),
    ...(abandoned.policy ? ['its policy'] : []),
    ...(abandoned.thing ? ['its thing'] : []),
  ];
}

/** What somebody else has made of the leftovers. */
async function othersIn({ names, device, certificates, policyTargets = [], abandoned }: Holding): Promise<string[]> {
  const found: string[] = [];
  for (const certificate of certificates) {
    const foreign = await foreignThingOf(certificate, names.holder(device));
    if (foreign !== undefined) found.push(`certificate ${shortId(certificate)} is attached to the thing "${foreign}"`);
  }
  const strangers = policyTargets.filter((target) => !certificates.some(({ arn }) => arn === target));
  if (abandoned.policy) found.push(...strangers.map((target) => `its policy is attached to ${target}`));
  return found;
}

async function removeLeftovers(holding: Holding): Promise<void> {
  const { names, device, identities, certificates, abandoned } = holding;
  for (const certificate of certificates) {
    const [record] = identities.filter((identity) => identity.certificate?.certificateId === certificate.id);
    await removeCertificate(certificate, holding, record?.certificate);
  }
  if (abandoned.policy) await deletePolicy(names.policy(device), inSixMinutes());
  if (abandoned.thing) await deleteThing(names.thing(device), inAMinute());
  for (const { site, generation } of identities) await deleteIdentity(names.identityPath(site, device, generation));
}

function removalOf({ device, identities }: Holding): string {
  const isGivenBack = identities.some(({ certificate }) => certificate?.policies !== undefined);
  return isGivenBack
    ? `give back the certificate that ${device} had before, and delete what else is left of it`
    : `delete what is left of ${device}, with its certificates`;
}

/**
 * Takes a certificate away, and ends the session of the device: with another identity it connects again by itself. One that
 * was there before the fleet is given back.
 *
 * @param record what is recorded of it
 * @throws {CliError} when someone has given it to another thing
 */
export async function removeCertificate(
  certificate: Certificate,
  { names, device }: Pick<Holding, 'names' | 'device'>,
  record: RecordedCertificate | undefined,
): Promise<void> {
  const holder = names.holder(device);
  // A deletion that did not come to its end has left it.
  const detachStandIn = () => detachPolicy(standInName(holder.policyName), certificate.arn);
  if (record?.policies !== undefined) {
    await giveBack(certificate, record, holder, inAMinute());
    return detachStandIn();
  }
  const foreign = await foreignThingOf(certificate, holder);
  if (foreign !== undefined) {
    throw new CliError(`certificate ${shortId(certificate)} is attached to the thing "${foreign}"; see to this first`);
  }
  return remove(certificate, holder, inAMinute(), async () => {
    await detachStandIn();
    // Now that it cannot connect any more, nobody slips back in with it.
    await endConnection(names.thing(device));
  });
}

/**
 * What would make the deployment of a device fail: CloudFormation takes over nothing that is there already.
 *
 * @param all of the fleet: a device that stands in another fleet file than before is still in the stack of that one
 */
export function obstacleFindings(holding: Holding, all: readonly Holding[]): Finding[] {
  const { site, names, device, board, deployed, underWay, generations, hasThing, policyTargets, abandoned } = holding;
  if (board === undefined || deployed || underWay) return [];
  const before = all.find((other) => other.device === device && other.site !== site && other.deployed);
  if (before !== undefined) {
    const stack = names.siteStack(before.site);
    const why = `${device} stands in ${site}.yaml, but ${stack} still has it; deploy that first, which deletes its identity`;
    return [problem(device, `${why}: npx cdk deploy ${stack} && npx cdk deploy --all`)];
  }
  const isTakenOver = generations.some(({ certificateId }) => certificateId !== undefined);
  const there = [
    ...(hasThing && !isTakenOver ? ['a thing'] : []),
    ...(policyTargets === undefined ? [] : ['a policy']),
  ].join(' and ');
  if (there === '') return [];
  const way =
    abandoned.thing || abandoned.policy
      ? `${names.siteStack(site)} has left it behind; to start anew, take ${device} out of ${site}.yaml, run bin/fleet doctor --fix, ` +
        'and put it back'
      : 'which is not of this fleet; delete it, or give the device another name';
  return [problem(device, `${device} cannot be deployed: there is ${there} of that name already; ${way}`)];
}

/** An identity that lies with another site than its device. */
export function misplacedIdentity({ site, device, generation }: StoredIdentity, fleet: FleetNames): Finding {
  const names = PARTS.map((part) => parameterName(fleet.identityPath(site, device, generation), part));
  const why = `${device} is a device of another site, but ${site} has an identity of it as well`;
  return problem(device, `${why}; if no board uses it: aws ssm delete-parameters --names ${names.join(' ')}`);
}
