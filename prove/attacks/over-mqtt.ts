import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { emittedIdentity, identityAt } from '../../testing/cloud/emitted-identity.ts';
import type { Progress } from '../progress.ts';
import { NAMES, NAMING, NEIGHBOUR } from '../proved-fleet.ts';
import { type Action, attacksOn, attacksOnAll, type Ingest, INGESTS, rightsOf } from './actions.ts';
import { attacksByClaim, CLAIM_CLIENT } from './claim.ts';
import { attempt, type Identity } from './client.ts';
import { enrol, LISTED, proveEnds, succeeded, writeListedSite } from './listed.ts';
import { proveReceiving } from './receiving.ts';

/** Its board makes its key: by it the fleet has a claim, and a policy with the topics of the enrolment. */
const ENROLS = 'enrols';

/** Each begins or ends like another one, or looks like a part of a topic. */
const DEVICES = ['a', 'a-b', 'b', 'a-b-c', '-', '--', '-a', 'a-', '0', 'rtjm', 'cmd', 'x'.repeat(63), 'x'.repeat(64)];
const ALL = [...DEVICES, ...LISTED, ENROLS];
const SITE = 'attacked';

/** Every ordered pair of a deployed fleet, with the certificates that the real `cdk deploy` made. */
export async function attackOverMqtt(progress: Progress): Promise<void> {
  const deployment = await startDeployment({ naming: NAMING });
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    const entries = DEVICES.map((device) => `  ${JSON.stringify(device)}: { board: esp8266 }\n`);
    deployment.writeSite(SITE, `devices:\n${entries.join('')}  ${ENROLS}: { board: esp32, key: board }\n`);
    writeListedSite(deployment);
    let enrolled: Identity[] | undefined;
    for (const ingest of INGESTS) {
      deployment.settings.ingest = ingest;
      await succeeded(deployment.cdk('deploy', '--all', '--require-approval', 'never'));
      enrolled ??= await enrol([...LISTED, ENROLS], deployment);
      const identities = [...(await identitiesIn(deployment)), ...enrolled];

      // The attacks of one device one after the other, since it has one client id; the devices beside each other.
      await Promise.all(identities.map((identity) => attackAs(identity, ingest, deployment, progress)));
      await attackByClaim(ingest, deployment, progress);
      await proveReceiving(identities, deployment, progress);
    }
    await proveEnds(enrolled ?? [], deployment, progress);
  } finally {
    await deployment.close();
  }
}

type Refusal = Deployment['log']['refusals'][number];

async function identitiesIn(deployment: Deployment): Promise<Identity[]> {
  const { cloud } = deployment;
  return Promise.all(
    DEVICES.map(async (device) => {
      const { certificateId, pems } = await emittedIdentity(deployment, SITE, device);
      return { device, certificateId, pems, port: cloud.mqttPort };
    }),
  );
}

/** Whoever has the claim out of a firmware, against all devices. */
async function attackByClaim(ingest: Ingest, deployment: Deployment, progress: Progress): Promise<void> {
  const emitted = await identityAt(deployment, NAMES.claimPath);
  const claim = { ...emitted, device: NAMES.claim, clientId: CLAIM_CLIENT, port: deployment.cloud.mqttPort };
  await attack(claim, attacksByClaim(ALL, ingest), ingest, deployment, progress);
}

async function attackAs(identity: Identity, ingest: Ingest, deployment: Deployment, progress: Progress): Promise<void> {
  const { device } = identity;
  const others = ALL.filter((other) => other !== device);
  const attacks = [
    ...others.flatMap((other) => attacksOn(other)),
    ...(NEIGHBOUR === undefined ? [] : attacksOn(device, NEIGHBOUR)),
    ...attacksOnAll(device, ingest),
  ];
  await attack(identity, attacks, ingest, deployment, progress);
  const rights = rightsOf(device, ingest);
  progress.expect(rights.length);
  for (const right of rights) {
    const answer = await attempt(identity, right);
    progress.case(`${ingest}, ${device}: ${right.words}`, answer === 'allowed' ? undefined : 'it was refused');
  }
}

/** Each has to be refused, and for what it tries. */
async function attack(
  identity: Identity,
  attacks: readonly Action[],
  ingest: Ingest,
  { log }: Deployment,
  progress: Progress,
): Promise<void> {
  const { device, clientId = NAMES.thing(device) } = identity;
  progress.expect(attacks.length);
  for (const attack of attacks) {
    const before = log.refusals.length;
    const answer = await attempt(identity, attack);
    const who = `client ${attack.clientId ?? clientId} (certificate ${identity.certificateId},`;
    const isAbout = (refusal: Refusal) =>
      refusal.who.startsWith(who) &&
      refusal.action === attack.action &&
      refusal.resource.endsWith(`:${attack.resource}`);
    const isRefused = log.refusals.slice(before).some(isAbout);
    const problem =
      answer === 'allowed' ? 'it was allowed' : isRefused ? undefined : 'it was cut off, but not for that reason';
    progress.case(`${ingest}, ${device}: ${attack.words}`, problem);
  }
}
