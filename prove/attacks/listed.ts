import { DetachThingPrincipalCommand, IoTClient, ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnrollingBoard } from '../../testing/cloud/enrolling-board.ts';
import type { Deployment } from '../../testing/cloud/deployment.ts';
import { identityAt } from '../../testing/cloud/emitted-identity.ts';
import type { Progress } from '../progress.ts';
import { NAMES } from '../proved-fleet.ts';
import { type Action, connectAs, rightsOf } from './actions.ts';
import { attempt, type Identity } from './client.ts';

/** As near to the others as those are to each other. */
const REVOKED = 'aa';
const REMOVED = 'a-b-';
const DETACHED = '00';

/** The lines of a list. They share a policy, which knows them by policy variables alone. */
export const LISTED: readonly string[] = [REVOKED, REMOVED, DETACHED];

const LIST = 'attacked.csv';

/** Adds a site whose devices are a list. */
export function writeListedSite(deployment: Deployment): void {
  deployment.writeSite('listed', `list: ${LIST}\n`);
  writeFileSync(
    join(deployment.fleetDir, LIST),
    ['name,board', ...LISTED.map((device) => `${device},esp8266`), ''].join('\n'),
  );
}

/** Enrols a board for each of these devices, by the line that `fleet enrol` prints. */
export async function enrol(devices: readonly string[], deployment: Deployment): Promise<Identity[]> {
  const { mqttPort: port } = deployment.cloud;
  const claim = await identityAt(deployment, NAMES.claimPath);
  const identities: Identity[] = [];
  for (const device of devices) {
    const line = await succeeded(deployment.fleet('enrol', device));
    const board = await EnrollingBoard.enrolledBy(line, claim.pems, { names: NAMES, mqttPort: port });
    const certificateId = board.certificate?.certificateId ?? '';
    identities.push({ device, certificateId, pems: board.identity, port });
  }
  return identities;
}

/** How a device ends, and how the broker has to refuse it from then on. */
interface End {
  readonly how: () => Promise<unknown>;
  readonly why: string;
  /** Whether already the handshake has shown it, so that no client id is known. */
  readonly isCertificate: boolean;
}

/** One is revoked, the line of another one goes, the third is no longer attached to its thing: none can do anything more. */
export async function proveEnds(
  identities: readonly Identity[],
  deployment: Deployment,
  progress: Progress,
): Promise<void> {
  const list = join(deployment.fleetDir, LIST);
  const ends: Readonly<Record<string, End>> = {
    [REVOKED]: {
      how: () => succeeded(deployment.fleet('revoke', REVOKED, '--yes')),
      why: 'the certificate is REVOKED',
      isCertificate: true,
    },
    [REMOVED]: {
      how: () => {
        const lines = readFileSync(list, 'utf8').split('\n');
        writeFileSync(list, lines.filter((line) => !line.startsWith(`${REMOVED},`)).join('\n'));
        return succeeded(deployment.cdk('deploy', '--all', '--require-approval', 'never'));
      },
      why: 'the certificate is not registered here',
      isCertificate: true,
    },
    [DETACHED]: {
      how: () => detach(NAMES.thing(DETACHED), new IoTClient(deployment.client)),
      why: 'no statement allows it',
      isCertificate: false,
    },
  };
  for (const identity of identities) {
    const end = ends[identity.device];
    if (end === undefined) continue;
    await end.how();
    const others = identities.filter((other) => other !== identity);
    const actions = [
      ...rightsOf(identity.device, 'basic'),
      ...others.map(({ device }) => connectAs(NAMES.thing(device))),
    ];
    progress.expect(actions.length);
    for (const action of actions)
      progress.case(
        `${identity.device}, which has ended: ${action.words}`,
        await stillReaches(identity, action, end, deployment),
      );
  }
}

/** What is wrong, unless the connection is refused for the reason of this end. */
async function stillReaches(
  identity: Identity,
  action: Action,
  { why, isCertificate }: End,
  { log }: Deployment,
): Promise<string | undefined> {
  const before = log.refusals.length;
  if ((await attempt(identity, action)) === 'allowed') return 'it was allowed';
  const client = isCertificate ? '*' : (action.clientId ?? NAMES.thing(identity.device));
  const isForThat = log.refusals
    .slice(before)
    .some(
      (refusal) =>
        refusal.certificateId === identity.certificateId &&
        refusal.action === 'iot:Connect' &&
        refusal.resource.endsWith(`:client/${client}`) &&
        refusal.why.includes(why),
    );
  return isForThat ? undefined : 'it was cut off, but not for that reason';
}

async function detach(thingName: string, iot: IoTClient): Promise<void> {
  const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
  for (const principal of principals) await iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
}

/** What a command printed. @throws {Error} when it failed */
export async function succeeded(command: ReturnType<Deployment['cdk']>): Promise<string> {
  const { code, stdout, stderr } = await command;
  if (code !== 0) throw new Error(stderr);
  return stdout;
}
