import { certificatesOf, findCertificate } from '../../aws/certificates.ts';
import { storedIdentities } from '../../aws/identities.ts';
import { resourcesOfSite, type SiteResources } from '../../aws/stacks.ts';
import { readCertificateRequest } from '../../lib/fleet/certificate-request.ts';
import { writeGenerations } from '../../lib/fleet/edit.ts';
import { generationKeys, newestGeneration } from '../../lib/fleet/generations.ts';
import type { SiteDevice } from '../fleet/fleet-device.ts';
import { forgotten, isUndeployed } from '../fleet/recorded-certificates.ts';
import { withNewKey } from '../secrets/local-key.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import { printDone, type Terminal } from '../terminal/terminal.ts';
import { stillHas } from './finish.ts';

export type NewGeneration = Parameters<typeof generationKeys>[0][number];

/**
 * Writes the next generation into the fleet file: beside those there are, or instead of the newest where no board can use that.
 *
 * @param path of the request for its certificate
 * @returns the generations that the file has now
 */
export function writeNextGeneration(
  { site, device }: SiteDevice,
  { isUsable }: Pick<Examined, 'isUsable'>,
  path?: string,
): readonly NewGeneration[] {
  const { number, keyType } = newestGeneration(device);
  const next = { number: number + 1, keyType, ...(path !== undefined && { csr: { path } }) };
  const generations = [...(isUsable ? device.generations : device.generations.slice(0, -1)), next];
  writeGenerations(site.file, device.name, generationKeys(generations));
  return generations;
}

/** The same for one device, whose key may be made elsewhere. @throws {CliError} when that is needed and not given */
export async function addGeneration(
  target: SiteDevice,
  examined: Examined,
  { csr, localKey }: { readonly csr?: string; readonly localKey?: true },
  { stdout }: Terminal,
): Promise<readonly NewGeneration[]> {
  const { site, device } = target;
  const newest = newestGeneration(device);
  if (newest.csr !== undefined && csr === undefined && !localKey) {
    throw new CliError(
      `${device.name} keeps its own key; give it a new one, and its request: --csr FILE, or have it made here: --local-key`,
    );
  }
  if (!localKey) {
    if (csr !== undefined) refuseUnlessNew(csr, { site, device });
    const generations = writeNextGeneration(target, examined, csr);
    await printDone(stdout, `${site.file} says ${said(generations)}`);
    return generations;
  }
  const { keyFile, result } = await withNewKey(
    `${device.name}-${newest.number + 1}`,
    site.names.thing(device.name),
    newest.keyType,
    (path) => writeNextGeneration(target, examined, path),
  );
  await printDone(stdout, `${keyFile} is the private key; keep it, it is nowhere else`);
  await printDone(stdout, `${site.file} says ${said(result)}`);
  return result;
}

/** @throws {FleetFileError | CliError} for a request that AWS IoT would refuse, or for a key that the device has already */
function refuseUnlessNew(csr: string, { site, device }: Pick<SiteDevice, 'site' | 'device'>): void {
  const { publicKey } = readCertificateRequest(csr, { file: site.file, line: device.line });
  const former = device.generations.find((generation) => generation.csr?.publicKey === publicKey);
  if (former === undefined) return;
  throw new CliError(`--csr: ${csr} is for the key of generation ${former.number}; make a new key, and its request`);
}

function said(generations: readonly NewGeneration[]): string {
  return `generations: [${generations.map(({ number }) => number).join(', ')}]`;
}

export interface Examined {
  /** The fleet file has a generation already that is not deployed. */
  readonly isWritten: boolean;
  /** A board may be using the newest identity. */
  readonly isUsable: boolean;
}

/**
 * @param resources of its site, where they are known
 * @throws {CliError} when there is nothing to rotate, or a rotation is under way
 */
export async function examine(
  { site, device }: SiteDevice,
  resources: SiteResources | Promise<SiteResources> = resourcesOfSite(site),
): Promise<Examined> {
  const { names } = site;
  const { name, generations } = device;
  const [{ things, certificateIds }, identities, attached = []] = await Promise.all([
    resources,
    storedIdentities(names, names.devicePath(site.name, name)),
    certificatesOf(names.thing(name)),
  ]);
  if (!things.includes(names.thing(name))) throw new NotDeployedError(`device "${name}"`);
  const newest = newestGeneration(device);
  const known = { generations, identities, certificates: attached, deployedCertificateIds: certificateIds };
  if (isUndeployed(newest, known)) return { isWritten: true, isUsable: false };
  const recorded = identities.find(({ generation }) => generation === newest.number)?.certificate;
  // A board may also use a certificate whose record is lost.
  const [lost] = generations.length === 1 ? forgotten(known) : [];
  const certificate = recorded === undefined ? lost : await findCertificate(recorded.certificateId);
  const isUsable = certificate?.status === 'ACTIVE';
  const [oldest] = generations;
  if (isUsable && generations.length > 1 && oldest !== undefined) throw new CliError(stillHas(name, oldest.number));
  return { isWritten: false, isUsable };
}
