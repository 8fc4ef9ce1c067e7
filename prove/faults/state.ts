import {
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  GetPolicyCommand,
  ListAttachedPoliciesCommand,
  ListPrincipalThingsCommand,
  paginateListCertificates,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import { deleteLine, findLine } from '../../aws/device-table.ts';
import { unlessGone } from '../../aws/gone.ts';
import { deletePart, PARTS, type StoredIdentity, storedIdentities } from '../../aws/identities.ts';
import { WANTS } from '../../lib/fleet/enrolment.ts';
import { NAMES } from '../proved-fleet.ts';
import { LIST_SITE, SITE } from './deploy-site.ts';
import type { Lane } from './lane.ts';

/** A certificate as AWS IoT has it. */
export interface Certificate {
  readonly id: string;
  readonly arn: string;
  readonly status: string;
  readonly pem: string;
  readonly things: readonly string[];
  readonly policies: readonly string[];
  /** When, in milliseconds since 1970. */
  readonly made: number;
}

/** All that there is of a device. */
export interface DeviceState {
  readonly certificates: readonly Certificate[];
  /** What is stored of its generations. */
  readonly identities: readonly StoredIdentity[];
  /** Of its thing and its policy, and of a listed device its line in the table, what exists. */
  readonly registered: readonly string[];
  /** What its thing, or its line, says that its board is to enrol for. */
  readonly wants: string | undefined;
}

/** A device by its name, and where it is. */
export interface LaneDevice {
  readonly lane: Lane;
  readonly name: string;
  readonly isListed: boolean;
}

/** The names of its thing and of the policy that its certificates have. */
export const holderOf = ({ name, isListed }: Pick<LaneDevice, 'name' | 'isListed'>) =>
  isListed ? NAMES.listedHolder(LIST_SITE, name) : NAMES.holder(name);

export async function stateOf(device: LaneDevice): Promise<DeviceState> {
  const { lane, name, isListed } = device;
  const { thingName, policyName } = holderOf(device);
  const identities = await storedIdentities(NAMES, NAMES.devicePath(SITE, name));
  for (const { privateKeyPem } of identities)
    if (privateKeyPem !== undefined) lane.keys.add(privateKeyPem.split('\n')[1] ?? privateKeyPem);

  const [thing, policy, line] = await Promise.all([
    unlessGone(lane.iot.send(new DescribeThingCommand({ thingName }))),
    unlessGone(lane.iot.send(new GetPolicyCommand({ policyName }))),
    isListed ? findLine(NAMES.deviceTable, name) : undefined,
  ]);
  const registered = Object.entries({ thing, policy, line }).flatMap(([what, there]) => (there ? [what] : []));
  const wants = isListed ? line?.wants : thing?.attributes?.[WANTS];
  return { certificates: await certificatesOf(lane), identities, registered, wants };
}

/** All certificates of the account but the one by which boards enrol, the oldest first. */
export async function certificatesOf({ iot }: Pick<Lane, 'iot'>): Promise<Certificate[]> {
  const certificates: Certificate[] = [];
  for await (const { certificates: page = [] } of paginateListCertificates({ client: iot }, {})) {
    for (const { certificateArn: arn = '', certificateId: id = '' } of page) {
      const described = await unlessGone(
        Promise.all([
          iot.send(new DescribeCertificateCommand({ certificateId: id })),
          iot.send(new ListPrincipalThingsCommand({ principal: arn })),
          iot.send(new ListAttachedPoliciesCommand({ target: arn })),
        ]),
      );
      if (described === undefined) continue; // deleted meanwhile
      const [{ certificateDescription }, { things = [] }, { policies = [] }] = described;
      const { status = '', certificatePem: pem = '', creationDate } = certificateDescription ?? {};
      if (things.includes(NAMES.claim)) continue;
      const names = policies.map(({ policyName: attached = '' }) => attached);
      certificates.push({ id, arn, status, pem, things, policies: names, made: creationDate?.getTime() ?? 0 });
    }
  }
  return certificates.sort((a, b) => a.made - b.made);
}

/** Takes away everything that a case has left. */
export async function purge(device: LaneDevice): Promise<void> {
  const { lane, name } = device;
  const { thingName, policyName } = holderOf(device);
  for (const certificate of await certificatesOf(lane)) await deleteCertificate(certificate, lane);
  const { identities, registered } = await stateOf(device);
  for (const { generation } of identities)
    for (const part of PARTS) await deletePart(NAMES.identityPath(SITE, name, generation), part);
  if (registered.includes('policy')) await lane.iot.send(new DeletePolicyCommand({ policyName }));
  if (registered.includes('thing')) await lane.iot.send(new DeleteThingCommand({ thingName }));
  if (registered.includes('line')) await deleteLine(NAMES.deviceTable, LIST_SITE, name);
}

/** As somebody does who deletes it by hand, while a function may delete it as well. */
export async function deleteCertificate(certificate: Certificate, { iot }: Pick<Lane, 'iot'>): Promise<void> {
  const { id, arn, status, things, policies } = certificate;
  for (const thingName of things)
    await unlessGone(iot.send(new DetachThingPrincipalCommand({ thingName, principal: arn })));
  for (const policyName of policies) await unlessGone(iot.send(new DetachPolicyCommand({ policyName, target: arn })));
  if (status === 'ACTIVE')
    await unlessGone(iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' })));
  await unlessGone(iot.send(new DeleteCertificateCommand({ certificateId: id })));
}
