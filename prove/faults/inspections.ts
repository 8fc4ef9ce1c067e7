import { GetPolicyCommand } from '@aws-sdk/client-iot';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { StoredIdentity } from '../../aws/identities.ts';
import { wantedOf } from '../../lib/fleet/enrolment.ts';
import { NAMES } from '../proved-fleet.ts';
import type { FleetDevice } from '../../lib/fleet/read.ts';
import type { ProvedDevice } from './device.ts';
import { type Certificate, type DeviceState, holderOf, stateOf } from './state.ts';

/** A look at what there is of a device. */
export interface Inspection {
  readonly problems: readonly string[];
  /** What should not be there and does no harm, each as words that `fleet doctor` has to say of it. */
  readonly left: readonly (readonly string[])[];
}

/** Each of these generations has an ACTIVE certificate, attached to the thing and the policy, with its key in the store. */
export async function inspectLive(device: ProvedDevice, generations: readonly Wanted[]): Promise<Inspection> {
  const state = await stateOf(device);
  const recorded = state.identities.map(({ certificate }) => certificate?.certificateId);
  return inspection(state, recorded, [
    ...generations.flatMap((generation) => problemsOfIdentity(generation, state, device)),
    ...absent(strangers(state, generations)[0], 'another generation'),
    ...(await problemsOfIds(device, recorded)),
    ...missing(state, device),
  ]);
}

/** Which generation, and its kind of key: `ec` unless it says so. */
export type Wanted = Pick<FleetDevice['generations'][number], 'number'> & { readonly keyType?: string };

const FIRST: readonly Wanted[] = [{ number: 1 }];

/** The same as another inspection, and its policy allows what basic ingest takes. */
export async function inspectPolicy(
  device: ProvedDevice,
  inspect: (device: ProvedDevice) => Promise<Inspection>,
): Promise<Inspection> {
  const { problems, left } = await inspect(device);
  const { policyName } = holderOf(device);
  const { policyDocument = '' } = await device.lane.iot.send(new GetPolicyCommand({ policyName }));
  const isNew = policyDocument.includes(`$aws/rules/${NAMES.telemetryRule}/`);
  return { problems: isNew ? problems : [...problems, 'its policy is the one before'], left };
}

/** Its certificate is REVOKED, and there is no other. */
export async function inspectRevoked(device: ProvedDevice): Promise<Inspection> {
  const state = await stateOf(device);
  const [recorded] = state.identities.map(({ certificate }) => certificate?.certificateId);
  const certificate = state.certificates.find(({ id }) => id === recorded);
  return inspection(
    state,
    [recorded],
    [
      ...(certificate?.status === 'REVOKED' ? [] : [`its certificate is ${certificate?.status ?? 'gone'}`]),
      ...(await problemsOfIds(device, [recorded])),
      ...absent(strangers(state, FIRST)[0], 'another generation'),
      ...missing(state, device),
    ],
  );
}

/** What there is of a device whose board has enrolled: its certificate alone, with this status. */
export async function inspectEnrolled(device: ProvedDevice, status: string): Promise<Inspection> {
  const state = await stateOf(device);
  const physicalIds = await device.physicalIds();
  const isKept = device.isListed ? physicalIds.length === 0 : /^enrolment\/[^,]*$/.test(physicalIds.join());
  return inspection(
    state,
    [...device.enrolled],
    [
      ...problemsOfEnrolled(state, device, status),
      ...(state.certificates.length > 0 ? [] : ['it has no certificate']),
      ...absent(state.identities[0], 'something of it in the store'),
      ...(isKept ? [] : [`the physical ids are ${physicalIds.join()}`]),
      ...missing(state, device),
    ],
  );
}

function problemsOfEnrolled({ certificates, wants }: DeviceState, device: ProvedDevice, status: string): string[] {
  const its = certificates.filter(({ id }) => device.enrolled.has(id));
  const wanted = device.wanted && wantedOf(device.wanted);
  return [
    ...its.flatMap((certificate) => problemsOf(certificate, device, status)),
    ...(wants === wanted ? [] : [`it is written of it that ${wants} is wanted, and not ${wanted}`]),
  ];
}

/** Nothing is left, but for a thing and a policy that CloudFormation has given up. */
export async function inspectGone(device: ProvedDevice): Promise<Inspection> {
  const state = await stateOf(device);
  const { problems, left } = inspection(state, [], absent(strangers(state, [])[0], 'an identity'));
  return { problems, left: [...left, ...(await leftOf(state, device))] };
}

/**
 * After more than a failure: the device is as its fleet file wants it, no certificate is ACTIVE that is not the board's, and
 * whatever else is there is for `fleet doctor` to name.
 */
export async function inspectAsWanted(device: ProvedDevice): Promise<Inspection> {
  const state = await stateOf(device);
  const { wanted, name } = device;
  const its = wanted?.enrols ? device.enrolled : [];
  const recorded = [...its, ...state.identities.map(({ certificate }) => certificate?.certificateId)];
  const unknown = state.certificates.filter(({ id }) => !recorded.includes(id)).map(({ id }) => [id.slice(0, 8)]);
  const active = state.certificates.filter(({ status }) => status === 'ACTIVE');
  if (wanted === undefined) {
    const left = [...state.identities.map(() => [name]), ...(await leftOf(state, device))];
    return {
      problems: active.map(({ things }) => `ACTIVE, attached to [${things.join()}]`),
      left: [...unknown, ...left],
    };
  }
  if (wanted.revoked) return { problems: active.map(() => 'a certificate is ACTIVE'), left: unknown };
  const stray = active.filter(({ id }) => !recorded.includes(id)).map(() => 'a stray certificate is ACTIVE');
  if (wanted.enrols) {
    const problems = [...problemsOfEnrolled(state, device, 'ACTIVE'), ...stray, ...missing(state, device)];
    return { problems, left: [...unknown, ...state.identities.map(() => [name])] };
  }
  const others = strangers(state, wanted.generations);
  const ofOthers = others.map(({ certificate }) => certificate?.certificateId);
  return {
    problems: [
      ...wanted.generations.flatMap((generation) => problemsOfIdentity(generation, state, device)),
      ...stray,
      ...active.filter(({ id }) => ofOthers.includes(id)).map(() => 'a certificate of another generation is ACTIVE'),
      ...missing(state, device),
    ],
    left: [...unknown, ...others.map(() => [name])],
  };
}

/** What is stored of generations that should not be there. */
function strangers({ identities }: DeviceState, wanted: readonly Wanted[]): StoredIdentity[] {
  return identities.filter(({ generation }) => !wanted.some(({ number }) => number === generation));
}

/** @param expected the ids of the certificates that may be there */
function inspection(
  { certificates }: DeviceState,
  expected: readonly (string | undefined)[],
  problems: readonly string[],
): Inspection {
  const others = certificates.filter(({ id }) => !expected.includes(id));
  const stray = others.filter((one) => !isHarmless(one));
  return {
    problems: [
      ...problems,
      ...stray.map(({ status, things }) => `a stray certificate is ${status}, attached to [${things.join()}]`),
    ],
    left: others.filter(isHarmless).map(({ id }) => [id.slice(0, 8)]),
  };
}

/** What a lost answer to CreateCertificateFromCsr leaves. */
const isHarmless = ({ status, things, policies }: Certificate): boolean =>
  status === 'INACTIVE' && things.length === 0 && policies.length === 0;

function problemsOfIdentity(
  { number, keyType = 'ec' }: Wanted,
  { certificates, identities }: DeviceState,
  device: ProvedDevice,
): string[] {
  const what = `generation ${number}`;
  const stored = identities.find(({ generation }) => generation === number);
  const certificate = certificates.find(({ id }) => id === stored?.certificate?.certificateId);
  if (stored === undefined || certificate === undefined) return [`${what} has no ${stored ? 'certificate' : 'record'}`];
  const x509 = new X509Certificate(certificate.pem);
  const { privateKeyPem } = stored;
  const isKey = privateKeyPem !== undefined && x509.checkPrivateKey(createPrivateKey(privateKeyPem));
  return [
    ...(x509.publicKey.asymmetricKeyType === keyType ? [] : [`${what} has a key of another kind`]),
    ...problemsOf(certificate, device, 'ACTIVE').map((problem) => `${what} ${problem}`),
    ...(isKey ? [] : [`the key of ${what} is not in the store`]),
  ];
}

/** Of a certificate that is to be the device's, with this status. */
function problemsOf({ status, things, policies }: Certificate, device: ProvedDevice, wanted: string): string[] {
  const { thingName, policyName } = holderOf(device);
  return [
    ...(status === wanted ? [] : [`is ${status}`]),
    ...(things.join() === thingName ? [] : [`is attached to the things [${things.join()}]`]),
    ...(policies.join() === policyName ? [] : [`is attached to the policies [${policies.join()}]`]),
  ];
}

async function problemsOfIds(device: ProvedDevice, recorded: readonly (string | undefined)[]): Promise<string[]> {
  const physicalIds = await device.physicalIds();
  return physicalIds.sort().join() === recorded.toSorted().join() ? [] : [`the physical ids are ${physicalIds.join()}`];
}

const absent = (there: unknown, what: string): string[] => (there === undefined ? [] : [`${what} is there`]);

/** The thing of a line is there once a board has enrolled. */
function missing({ registered }: DeviceState, { isListed, enrolled }: ProvedDevice): string[] {
  const needed = isListed ? ['policy', 'line', ...(enrolled.size > 0 ? ['thing'] : [])] : ['thing', 'policy'];
  return needed.filter((what) => !registered.includes(what)).map((what) => `there is no ${what} of it`);
}

/** What is there of a device that should not be: the policy of a list stays, as long as its stack does. */
async function leftOf({ registered }: DeviceState, device: ProvedDevice): Promise<string[][]> {
  const stays = device.isListed && (await device.settled())?.StackStatus !== 'DELETE_COMPLETE';
  return registered.filter((what) => !(stays && what === 'policy')).map((what) => [what, device.name]);
}
