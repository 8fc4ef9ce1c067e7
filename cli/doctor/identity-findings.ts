import { type Certificate, shortId } from '../../aws/certificates.ts';
import { deleteIdentity, parameterName, type StoredIdentity, unreadable } from '../../aws/identities.ts';
import type { Generation } from '../../lib/fleet/generations.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { isUndeployed } from '../fleet/recorded-certificates.ts';
import { stillHas } from '../rotate/finish.ts';
import { type Finding, note, problem } from './finding.ts';
import type { Holding } from './holdings.ts';
import { removeCertificate } from './leftover-findings.ts';

/** What is to be said about the identities of a device. */
export function identityFindings(holding: Holding): Finding[] {
  const { names, board, revoked, enrols, deployed, identities } = holding;
  return [
    ...identities.flatMap((identity) => unreadableFindings(identity, names)),
    ...(board !== undefined && deployed && !revoked && !enrols ? wantedFindings(holding) : []),
    ...identities
      .filter((identity) => identity.unreadable.length === 0)
      .flatMap((identity) => strayFindings(identity, holding)),
  ];
}

function unreadableFindings(
  { site, device, generation, unreadable: parts }: StoredIdentity,
  names: FleetNames,
): Finding[] {
  return parts.map((part) => {
    const what = unreadable(parameterName(names.identityPath(site, device, generation), part));
    return problem(device, `${what}, and for a new identity run: bin/fleet rotate ${device}`);
  });
}

/** What the fleet file wants of a device that is deployed and not revoked. */
function wantedFindings(holding: Holding): Finding[] {
  const { device, generations } = holding;
  const found = generations.flatMap((generation): Finding[] => {
    if (isUndeployed(generation, holding))
      return [
        note(device, `generation ${generation.number} of ${device} is not deployed yet; run: npx cdk deploy --all`),
      ];
    const lost = whatIsLost(generation, holding);
    if (lost !== undefined) return [problem(device, `${lost}; ${wayOutOf(generation, holding)}`)];
    // Of a device with one identity, fleet file and certificate are compared elsewhere.
    const certificate = certificateOf(generation, holding);
    if (generations.length === 1 || certificate === undefined || certificate.status === 'ACTIVE') return [];
    return [problem(device, refusedOne(generation, certificate, holding))];
  });
  const [older] = generations;
  const isSettled = generations.length > 1 && found.length === 0 && older !== undefined;
  return isSettled ? [note(device, stillHas(device, older.number))] : found;
}

function storedOf({ number }: Generation, { identities }: Holding): StoredIdentity | undefined {
  return identities.find(({ generation }) => generation === number);
}

function certificateOf(generation: Generation, holding: Holding): Certificate | undefined {
  const id = storedOf(generation, holding)?.certificate?.certificateId;
  return holding.certificates.find((certificate) => certificate.id === id);
}

const FLASH = 'flash the board with its new identity, and then run: bin/fleet rotate';

/** A board may use either of two generations, and may have got a key before it was lost. */
function wayOutOf(generation: Generation, holding: Holding): string {
  const { device, site, generations } = holding;
  const { number } = generation;
  if (number !== generations.at(-1)?.number) return `${FLASH} ${device} --finish`;
  const isRefused = certificateOf(generation, holding)?.status !== 'ACTIVE';
  return generations.length === 1 || isRefused
    ? `for a new one: bin/fleet rotate ${device}`
    : `unless its board has it already, take ${number} out of ${site}.yaml and run: npx cdk deploy --all`;
}

function whatIsLost(generation: Generation, holding: Holding): string | undefined {
  const { device } = holding;
  const stored = storedOf(generation, holding);
  if (stored?.unreadable.length) return undefined; // said already
  const isOnly = holding.generations.length === 1;
  const identity = isOnly ? `the identity of ${device}` : `generation ${generation.number} of ${device}`;
  if (stored?.certificate === undefined) {
    return `${isOnly ? device : identity} has no identity in the Parameter Store`;
  }
  if (certificateOf(generation, holding) === undefined) {
    return `${identity} is without its certificate ${shortId({ id: stored.certificate.certificateId })}`;
  }
  const { csr, certificateId } = generation;
  const isWhole = stored.privateKeyPem !== undefined || csr !== undefined || certificateId !== undefined;
  return isWhole ? undefined : `${identity} has lost its private key`;
}

/** During a rotation a board may use either generation. */
function refusedOne(
  { number }: Generation,
  { id, status }: Certificate,
  { site, device, generations }: Holding,
): string {
  const label = `certificate ${shortId({ id })} of ${device}, of generation ${number}, is ${status}`;
  if (status !== 'REVOKED') {
    return `${label}, so the broker refuses it; to let it in: aws iot update-certificate --certificate-id ${id} --new-status ACTIVE`;
  }
  return number === generations.at(-1)?.number
    ? `${label}, and only the one before works; to go back to that one, take ${number} out of ${site}.yaml and run: npx cdk deploy --all`
    : `${label}; ${FLASH} ${device} --finish`;
}

/** What is stored and should not be: half made, on its way out, or left behind. */
function strayFindings(identity: StoredIdentity, holding: Holding): Finding[] {
  const { site, names, device, board, enrols, underWay, generations, deployedCertificateIds, certificates } = holding;
  const { generation, certificate: recorded } = identity;
  // Of a device whose board makes its key, nothing is stored.
  const isWanted = !enrols && generations.some(({ number }) => number === generation);
  // What is deployed and in no fleet file any more goes with the whole device.
  if (board === undefined || (isWanted && recorded !== undefined)) return [];
  if (underWay) return [note(device, `an identity of ${device} is being made or deleted`)];
  if (recorded === undefined) {
    // Where the record is lost, that is what is said about it.
    const isLost = isWanted && holding.deployed && !isUndeployed({ number: generation }, holding);
    return isLost ? [] : [halfMade(identity, holding)];
  }
  if (deployedCertificateIds.includes(recorded.certificateId)) {
    const text = `is deployed, but not in ${site}.yaml; to remove it: npx cdk deploy --all`;
    return [note(device, `generation ${generation} of ${device} ${text}`)];
  }
  const certificate = certificates.find(({ id }) => id === recorded.certificateId);
  const state = certificate === undefined ? 'is gone' : `is ${certificate.status}`;
  const text =
    `generation ${generation} of ${device} is neither in ${site}.yaml nor deployed, but left of it: its identity in the ` +
    `Parameter Store (certificate ${shortId({ id: recorded.certificateId })} ${state})`;
  const fix = {
    text:
      recorded.policies === undefined
        ? `delete what is left of generation ${generation} of ${device}, with its certificate`
        : `give back the certificate of generation ${generation} of ${device}, which it had before`,
    apply: async () => {
      if (certificate !== undefined) await removeCertificate(certificate, holding, recorded);
      await deleteIdentity(names.identityPath(site, device, generation));
    },
  };
  return [problem(device, text, fix)];
}

function halfMade({ generation }: StoredIdentity, { site, names, device }: Holding): Finding {
  const path = names.identityPath(site, device, generation);
  const text = `a deployment has left an identity of ${device} half made, in ${parameterName(path, 'key')}`;
  return problem(device, text, { text: `delete the unused key of ${device}`, apply: () => deleteIdentity(path) });
}
