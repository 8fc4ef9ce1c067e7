import { GetPolicyCommand } from '@aws-sdk/client-iot';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { basicIngestTopicPrefix, policyName, thingName } from '../../lib/fleet/names.ts';
import type { ProvedDevice } from './device.ts';
import { type Certificate, type DeviceState, type IdentityRecord, stateOf } from './state.ts';

/** A look at what there is of a device. */
export interface Inspection {
  readonly problems: readonly string[];
  /** What should not be there and does no harm, each as words that `fleet doctor` has to say of it. */
  readonly left: readonly (readonly string[])[];
}

/**
 * Exactly one certificate is ACTIVE, and during a rotation's grace the one before as well: attached to the thing and the
 * policy, with its key in the store.
 */
export async function inspectLive(device: ProvedDevice, spec: string, previousSpec?: string): Promise<Inspection> {
  const state = await stateOf(device);
  const { identity, previous, ...others } = state.records;
  const expected = [identity?.certificateId, ...(previousSpec === undefined ? [] : [previous?.certificateId])];
  return inspection(state, expected, [
    ...problemsOfIdentity('identity', identity, spec, state, device),
    ...(previousSpec === undefined
      ? absent(previous, 'a previous identity')
      : problemsOfIdentity('previous', previous, previousSpec, state, device)),
    ...absent(Object.keys(others)[0], `a parameter ${Object.keys(others).join(', ')}`),
    ...(await problemsOfId(device, identity)),
    ...missing(state),
  ]);
}

/** The device is live, and its policy allows what basic ingest takes. */
export async function inspectPolicy(device: ProvedDevice): Promise<Inspection> {
  const { problems, left } = await inspectLive(device, '1 ec');
  const { policyDocument = '' } = await device.lane.iot.send(
    new GetPolicyCommand({ policyName: policyName(device.name) }),
  );
  const isNew = policyDocument.includes(basicIngestTopicPrefix(device.name));
  return { problems: isNew ? problems : [...problems, 'its policy is the one before'], left };
}

/** Its certificate is REVOKED, and there is no other. */
export async function inspectRevoked(device: ProvedDevice): Promise<Inspection> {
  const state = await stateOf(device);
  const { identity, ...others } = state.records;
  const certificate = state.certificates.find(({ id }) => id === identity?.certificateId);
  return inspection(
    state,
    [identity?.certificateId],
    [
      ...(certificate?.status === 'REVOKED' ? [] : [`its certificate is ${certificate?.status ?? 'gone'}`]),
      ...(await problemsOfId(device, identity)),
      ...absent(Object.keys(others)[0], `a parameter ${Object.keys(others).join(', ')}`),
      ...missing(state),
    ],
  );
}

/** Nothing is left, but for a thing and a policy that CloudFormation has given up. */
export async function inspectGone(device: ProvedDevice): Promise<Inspection> {
  const state = await stateOf(device);
  const records = Object.keys(state.records);
  const { problems, left } = inspection(state, [], absent(records[0], `a parameter ${records.join(', ')}`));
  return { problems, left: [...left, ...state.registered.map((what) => [what, device.name])] };
}

/**
 * After more than a failure: the device is as its fleet file wants it, no certificate is ACTIVE that is not the board's, and
 * whatever else is there is for `fleet doctor` to name.
 */
export async function inspectAsWanted(device: ProvedDevice): Promise<Inspection> {
  const state = await stateOf(device);
  const { wanted, name } = device;
  const { identity, previous, next } = state.records;
  const recorded = [identity, previous, next].map((record) => record?.certificateId);
  const unknown = state.certificates.filter(({ id }) => !recorded.includes(id)).map(({ id }) => [id.slice(0, 8)]);
  const active = state.certificates.filter(({ status }) => status === 'ACTIVE');
  if (wanted === undefined) {
    const left = [...Object.keys(state.records).map(() => [name]), ...state.registered.map((what) => [what, name])];
    return {
      problems: active.map(({ things }) => `ACTIVE, attached to [${things.join()}]`),
      left: [...unknown, ...left],
    };
  }
  if (wanted.revoked) return { problems: active.map(() => 'a certificate is ACTIVE'), left: unknown };
  return {
    problems: [
      ...problemsOfIdentity('identity', identity, `${wanted.generation} ${wanted.keyType}`, state, device),
      ...missing(state),
    ],
    left: [...unknown, ...(next === undefined ? [] : [[name, 'made']])],
  };
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
  what: string,
  record: IdentityRecord | undefined,
  spec: string,
  { certificates }: DeviceState,
  { name }: ProvedDevice,
): string[] {
  const certificate = certificates.find(({ id }) => id === record?.certificateId);
  if (record === undefined || certificate === undefined) return [`${what} has no ${record ? 'certificate' : 'record'}`];
  const { status, things, policies, pem } = certificate;
  const isKey =
    record.privateKeyPem !== undefined &&
    new X509Certificate(pem).checkPrivateKey(createPrivateKey(record.privateKeyPem));
  return [
    ...(record.spec === spec ? [] : [`${what} is "${record.spec}", not "${spec}"`]),
    ...(status === 'ACTIVE' ? [] : [`${what} is ${status}`]),
    ...(things.join() === thingName(name) ? [] : [`${what} is attached to the things [${things.join()}]`]),
    ...(policies.join() === policyName(name) ? [] : [`${what} is attached to the policies [${policies.join()}]`]),
    ...(isKey ? [] : [`the key of ${what} is not in the store`]),
  ];
}

async function problemsOfId(device: ProvedDevice, identity: IdentityRecord | undefined): Promise<string[]> {
  const physicalId = await device.physicalId();
  return physicalId === identity?.certificateId ? [] : [`the physical id is ${physicalId}`];
}

const absent = (there: unknown, what: string): string[] => (there === undefined ? [] : [`${what} is there`]);

const missing = ({ registered }: DeviceState): string[] =>
  registered.length === 2 ? [] : [`of thing and policy there is only [${registered.join()}]`];
