import { basename } from 'node:path';
import { type Certificate, listCertificates, shortId, thingsOf } from '../../aws/certificates.ts';
import type { KnownLine } from '../../aws/device-table.ts';
import { attachPolicy, documentOf, targetsOf } from '../../aws/policies.ts';
import { isDeleted, isUnderWay, type SiteStack } from '../../aws/stacks.ts';
import { REVOKED, wantedOf } from '../../lib/fleet/enrolment.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Site } from '../../lib/fleet/read.ts';
import { policyDocumentsIn, resolved } from '../aws/deployed-policies.ts';
import { type KnownLines, knownLines, listedDevices } from '../fleet/listed-devices.ts';
import { enumerated } from '../terminal/counted.ts';
import { type Finding, note, problem } from './finding.ts';
import { ownFindings } from './policy-findings.ts';

type ListedCertificate = Pick<Certificate, 'id' | 'arn' | 'status'>;

/** What the sites with a list have in the cloud: read by pages, and not device by device. */
export interface ListHoldings {
  readonly sites: readonly Site[];
  readonly lines: KnownLines;
  /** Of the account, by id. */
  readonly certificates: ReadonlyMap<string, ListedCertificate>;
  /** What the policy of each site is attached to; undefined of a site that has none. */
  readonly targets: ReadonlyMap<string, readonly string[] | undefined>;
}

/** @param onProgress told how many certificates have been read */
export async function listHoldings(
  all: readonly Site[],
  names: FleetNames,
  onProgress: (certificates: number) => void,
): Promise<ListHoldings> {
  const sites = all.filter(({ list }) => list !== undefined);
  if (sites.length === 0) return { sites, lines: new Map(), certificates: new Map(), targets: new Map() };
  const lines = await knownLines(names);
  const certificates = new Map((await listCertificates(onProgress)).map((one) => [one.id, one]));
  const targets = new Map<string, readonly string[] | undefined>();
  for (const { name } of sites) targets.set(name, await targetsOf(names.listPolicy(name)));
  return { sites, lines, certificates, targets };
}

/** The certificates that devices of lists have: what was admitted last, and what has their policies. */
export function certificatesOfLists({ lines, targets }: ListHoldings): string[] {
  const admitted = [...lines.values()].flatMap(({ has }) => (has === undefined ? [] : [has.certificateId]));
  const attached = [...targets.values()].flatMap((arns = []) => arns.map(idOf));
  return [...admitted, ...attached];
}

/** What is to be said about the devices of lists, those together of which the same is to be said. */
export async function listFindings(holdings: ListHoldings, stacks: readonly SiteStack[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const site of holdings.sites) {
    const stack = stacks.find((one) => one.site === site.name && !isDeleted(one));
    if (stack !== undefined && isUnderWay(stack)) continue;
    const isMade = stack !== undefined && stack.status !== 'ROLLBACK_COMPLETE'; // that is, a creation was undone
    const ofPolicy = isMade ? await policyFindings(site, holdings) : obstacleFindings(site, holdings);
    found.push(...findingsOf(site, holdings), ...ofPolicy);
  }
  return found;
}

/** CloudFormation takes over no policy that is there already, as when the answer to its creation was lost. */
function obstacleFindings({ name, names, list }: Site, { targets }: ListHoldings): Finding[] {
  if (targets.get(name) === undefined) return [];
  const policy = names.listPolicy(name);
  const there = `${basename(list?.file ?? '')} cannot be deployed: there is a policy of that name already, ${policy}`;
  return [problem(undefined, `${there}; if nobody needs it: aws iot delete-policy --policy-name ${policy}`)];
}

interface Remark {
  readonly kind: Finding['kind'];
  /** @param first of the devices */
  readonly text: (who: string, file: string, first: Listed) => string;
  readonly fix?: (who: string, all: readonly Listed[]) => Finding['fix'];
}

interface Listed {
  readonly device: string;
  readonly certificate: ListedCertificate | undefined;
  readonly policyName: string;
}

const DEPLOY = 'run: npx cdk deploy --all';

const REMARKS = {
  undeployed: { kind: 'note', text: (who, file) => `in ${file}, but not deployed: ${who}; ${DEPLOY}` },
  removed: {
    kind: 'note',
    text: (who, file) => `deployed, but not in ${file}: ${who}; to remove it: npx cdk deploy --all`,
  },
  behind: { kind: 'note', text: (who, file) => `deployed otherwise than ${file} says: ${who}; ${DEPLOY}` },
  waiting: {
    kind: 'note',
    text: (who, file, { device }) =>
      `in ${file}, waiting for the board: ${who}; to let it enrol: bin/fleet enrol ${device}`,
  },
  rotating: {
    kind: 'note',
    text: (who, file, { device }) =>
      `in ${file}, to have a new key, which the board makes when it starts: ${who}; at once: bin/fleet rotate ${device}`,
  },
  unsaid: {
    kind: 'problem',
    text: (who, file, { device }) => `revoked, but ${file} does not say so: ${who}; run: bin/fleet revoke ${device}`,
  },
  open: {
    kind: 'problem',
    text: (who, file, { device }) => `not revoked, although ${file} says so: ${who}; run: bin/fleet revoke ${device}`,
  },
  lost: {
    kind: 'problem',
    text: (who, file, { device }) =>
      `in ${file}, and the certificate is gone: ${who}; to let the board enrol again: bin/fleet enrol ${device}`,
  },
  refused: {
    kind: 'problem',
    text: (who, file, { certificate }) =>
      `in ${file}, with a certificate that is not ACTIVE, so the broker refuses it: ${who}; to let one in: ` +
      `aws iot update-certificate --certificate-id ${certificate?.id} --new-status ACTIVE`,
  },
  detached: {
    kind: 'problem',
    text: (who, file, { policyName }) => `in ${file}, with a certificate that lacks the policy ${policyName}: ${who}`,
    fix: (who, all) => ({
      text: `attach the policy to the certificate of ${who}`,
      apply: async () => {
        for (const { certificate, policyName } of all) if (certificate) await attachPolicy(policyName, certificate.arn);
      },
    }),
  },
} as const satisfies Readonly<Record<string, Remark>>;

function findingsOf(site: Site, { lines, certificates, targets }: ListHoldings): Finding[] {
  const file = basename(site.list?.file ?? site.file);
  const policyName = site.names.listPolicy(site.name);
  const attached = new Set(targets.get(site.name));
  const groups = new Map<keyof typeof REMARKS, Listed[]>();
  const own = new Map([...lines].filter(([, line]) => line.site === site.name));
  for (const state of listedDevices([site], site.names, own)) {
    const { device } = state;
    const line = own.get(device);
    const certificate = line?.has && certificates.get(line.has.certificateId);
    const isAttached = certificate !== undefined && attached.has(certificate.arn);
    const key = state.board === undefined ? 'removed' : remarkOn(state, line, certificate, isAttached);
    if (key === undefined) continue;
    const group = groups.get(key) ?? [];
    group.push({ device, certificate, policyName });
    groups.set(key, group);
  }
  return [...groups].map(([key, all]): Finding => {
    const { kind, text, fix }: Remark = REMARKS[key];
    const [first = { device: '', certificate: undefined, policyName }] = all;
    const who = enumerated(
      all.map(({ device }) => device),
      MOST_NAMES,
    );
    const what = fix?.(who, all);
    return {
      device: all.length === 1 ? first.device : undefined,
      kind,
      text: text(who, file, first),
      ...(what && { fix: what }),
    };
  });
}

const MOST_NAMES = 20;

function remarkOn(
  state: Parameters<typeof wantedOf>[0],
  line: KnownLine | undefined,
  certificate: ListedCertificate | undefined,
  isAttached: boolean,
): keyof typeof REMARKS | undefined {
  const { revoked } = state;
  if (line === undefined) return 'undeployed';
  const status = certificate?.status;
  if (revoked && status !== undefined && status !== 'REVOKED') return 'open';
  if (!revoked && (status === 'REVOKED' || (line.wants === REVOKED && line.declared !== REVOKED))) return 'unsaid';
  if (line.declared !== wantedOf(state)) return 'behind';
  if (revoked) return undefined;
  if (line.has === undefined) return 'waiting';
  if (certificate === undefined) return 'lost';
  if (status === 'INACTIVE') return 'refused';
  if (status === 'ACTIVE' && !isAttached) return 'detached';
  return line.has.generation < Number(line.wants) ? 'rotating' : undefined;
}

/** So many certificates that nobody knows are asked for one by one. */
const MOST_STRANGERS = 20;

/** What is to be said about the policy that all devices of a list have. */
async function policyFindings({ name, names, list }: Site, holdings: ListHoldings): Promise<Finding[]> {
  const file = basename(list?.file ?? '');
  const policy = names.listPolicy(name);
  const stack = names.siteStack(name);
  const targets = holdings.targets.get(name);
  const own = [...holdings.lines.values()].filter(({ site }) => site === name);
  if (targets === undefined) {
    const text =
      `the policy ${policy} is gone, although ${stack} has it; make it again (aws iot create-policy) with the document that ` +
      `stands in: aws cloudformation get-template --stack-name ${stack}`;
    return own.length === 0 ? [] : [problem(undefined, text)];
  }
  const found: Finding[] = [];
  const [anyArn] = targets;
  if (anyArn !== undefined) {
    const wanted = (await policyDocumentsIn(stack)).get(policy);
    const deployed = { name: policy, document: await documentOf(policy) };
    found.push(...ownFindings(deployed, wanted && resolved(wanted, anyArn), { device: file, site: name, names }));
  }
  const admitted = new Set(own.map(({ has }) => has?.certificateId));
  const strangers = targets.filter((arn) => !admitted.has(idOf(arn)));
  for (const arn of strangers.slice(0, MOST_STRANGERS)) {
    const [thing = ''] = await thingsOf({ arn });
    const device = names.deviceOf(thing);
    const label = `certificate ${shortId({ id: idOf(arn) })}`;
    const status = holdings.certificates.get(idOf(arn))?.status;
    found.push(
      own.some((line) => line.device === device)
        ? {
            ...{ device, kind: 'note' },
            text:
              status === 'ACTIVE'
                ? `${label} of ${device} works beside its newest one; once its board has connected by that: ` +
                  `aws iot update-certificate --certificate-id ${idOf(arn)} --new-status INACTIVE`
                : `${label} of ${device} is ${status}; the cloud deletes it when its board uses another one`,
          }
        : {
            device: undefined,
            kind: 'problem',
            text:
              `the policy ${policy} is attached to ${label}, which no device of ${file} has; unless you know who uses it: ` +
              `aws iot detach-policy --policy-name ${policy} --target ${arn}`,
          },
    );
  }
  const more = strangers.length - MOST_STRANGERS;
  if (more > 0)
    found.push(note(undefined, `the policy ${policy} is attached to ${more} more certificates beside the newest ones`));
  return found;
}

function idOf(arn: string): string {
  return arn.replace(/^.*:cert\//, '');
}
