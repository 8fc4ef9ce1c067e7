import { type Certificate, deleteCertificate, detach, removeCertificate } from '../../aws/certificates.ts';
import { deleteLine, type KnownLine, lineStore } from '../../aws/device-table.ts';
import { noteAdmitted, ownCertificates } from '../../aws/enrolments.ts';
import { deleteStandIn, passStandIn } from '../../aws/stand-in.ts';
import { deleteThing } from '../../aws/things.ts';
import { each, type ListedSite } from './site.ts';

/**
 * Removes devices for which nobody is admitted any more: certificate, thing, and then the line, by which a repetition knows what is
 * left. First all are detached, since AWS IoT shows that within seconds only, and then deleted.
 *
 * @param isEnd whether the policy of the site goes next, which AWS IoT then has to have let go of
 */
export async function removeLines(lines: readonly KnownLine[], listed: ListedSite, isEnd: boolean): Promise<void> {
  const { names, site, deadline } = listed;
  const policyName = names.listPolicy(site);
  const detached = await each(lines, listed, ({ device }) => detachedFrom(device, listed));
  const last = detached.map(({ certificate }) => certificate).find((certificate) => certificate !== undefined);
  if (isEnd && last !== undefined) await passStandIn(last, policyName, deadline);
  await each(detached, listed, async ({ device, hasThing, certificate }) => {
    if (certificate !== undefined) await deleteCertificate(certificate, deadline);
    if (hasThing) await deleteThing(names.thing(device), deadline);
    await deleteLine(names.deviceTable, site, device);
  });
  if (isEnd) await deleteStandIn(policyName, deadline);
}

interface Detached {
  readonly device: string;
  /** Whether its board has ever enrolled. A thing of its name that there is otherwise is somebody else's. */
  readonly hasThing: boolean;
  /** The one that is left to delete. */
  readonly certificate?: Certificate;
}

async function detachedFrom(device: string, { names, site, deadline }: ListedSite): Promise<Detached> {
  const store = lineStore(names.deviceTable, device);
  if ((await store.read())?.has === undefined) return { device, hasThing: false };
  const holder = names.listedHolder(site, device);
  const [newest, ...others] = await ownCertificates(holder.thingName, store);
  for (const other of others) await removeCertificate(other, holder, deadline);
  if (newest === undefined) return { device, hasThing: true };
  // Once it is detached, only this tells a repetition that it is to be deleted.
  await noteAdmitted(store, newest.id);
  await detach(newest, holder);
  return { device, hasThing: true, certificate: newest };
}
