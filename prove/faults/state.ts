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
import { unlessGone } from '../../aws/gone.ts';
import { deletePart, PARTS, type StoredIdentity, storedIdentities } from '../../aws/identities.ts';
import { NAMES } from '../proved-fleet.ts';
import { SITE } from './deploy-site.ts';
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
  /** Of the names of its thing and its policy, those that exist. */
  readonly registered: readonly string[];
}

/** A device by its name, and where it is. */
export interface LaneDevice {
  readonly lane: Lane;
  readonly name: string;
}

export async function stateOf({ lane, name }: LaneDevice): Promise<DeviceState> {
  const identities = await storedIdentities(NAMES, NAMES.devicePath(SITE, name));
  for (const { privateKeyPem } of identities)
    if (privateKeyPem !== undefined) lane.keys.add(privateKeyPem.split('\n')[1] ?? privateKeyPem);

  const [thing, policy] = await Promise.all([
    found(lane.iot.send(new DescribeThingCommand({ thingName: NAMES.thing(name) }))),
    found(lane.iot.send(new GetPolicyCommand({ policyName: NAMES.policy(name) }))),
  ]);
  const registered = [...(thing ? ['thing'] : []), ...(policy ? ['policy'] : [])];
  return { certificates: await certificatesOf(lane), identities, registered };
}

/** All certificates of the account, the oldest first. */
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
      const names = policies.map(({ policyName: attached = '' }) => attached);
      certificates.push({ id, arn, status, pem, things, policies: names, made: creationDate?.getTime() ?? 0 });
    }
  }
  return certificates.sort((a, b) => a.made - b.made);
}

/** Takes away everything that a case has left. */
export async function purge(device: LaneDevice): Promise<void> {
  const { lane, name } = device;
  for (const certificate of await certificatesOf(lane)) await deleteCertificate(certificate, lane);
  const { identities, registered } = await stateOf(device);
  for (const { generation } of identities)
    for (const part of PARTS) await deletePart(NAMES.identityPath(SITE, name, generation), part);
  if (registered.includes('policy')) await lane.iot.send(new DeletePolicyCommand({ policyName: NAMES.policy(name) }));
  if (registered.includes('thing')) await lane.iot.send(new DeleteThingCommand({ thingName: NAMES.thing(name) }));
}

/** As somebody does who deletes it by hand. */
export async function deleteCertificate(certificate: Certificate, { iot }: Pick<Lane, 'iot'>): Promise<void> {
  const { id, arn, status, things, policies } = certificate;
  for (const thing of things) await iot.send(new DetachThingPrincipalCommand({ thingName: thing, principal: arn }));
  for (const policy of policies) await iot.send(new DetachPolicyCommand({ policyName: policy, target: arn }));
  if (status === 'ACTIVE') await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: 'INACTIVE' }));
  await iot.send(new DeleteCertificateCommand({ certificateId: id }));
}

const found = async (call: Promise<unknown>): Promise<boolean> => (await unlessGone(call)) !== undefined;
