import { certificatesOf } from '../../aws/certificates.ts';
import { readCertificate } from '../../aws/identities.ts';
import { inAMinute, waitUntil } from '../../aws/wait.ts';
import { CODE, codeHash, codeText, wantedOf } from '../../lib/fleet/enrolment.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { brokerEndpoint } from '../aws/connection.ts';
import { storeOf } from '../fleet/enrolment-store.ts';
import type { SiteDevice } from '../fleet/fleet-device.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import { newCode } from './code.ts';

const DAY_MS = 86_400_000;

/** What makes a board the device. */
export interface Line {
  readonly text: string;
  /** The part of it that nobody else may see. */
  readonly code: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** A device as which a board can enrol. */
export interface Enrollable {
  /** Whether it has an identity that works already. */
  readonly isEnrolled: boolean;
  /** Of the broker that its board is told. */
  readonly host: string;
  /** Makes a line, which ends the one before. The cloud keeps the hash of its code. */
  readonly newLine: () => Promise<Line>;
}

/** @throws {CliError} when no board can enrol as the device */
export async function enrollable(target: SiteDevice): Promise<Enrollable> {
  const { site, device, file } = target;
  const { name } = device;
  if (!device.enrols) {
    throw new CliError(
      `the board of ${name} does not make its key; to have it do so, write "key: board" into ${file}, whose deployment deletes ` +
        'the certificate that it has: the board cannot connect until it has enrolled',
    );
  }
  if (device.revoked) throw new CliError(`${name} is revoked (${file}); take "revoked" away there first, and deploy`);
  const store = storeOf(target);
  const thing = site.names.thing(name);
  const asked = Promise.all([store.read(), certificatesOf(thing), brokerEndpoint(), claimOf(site.names)]);
  const [enrolment, certificates = [], { host, port }] = await asked;
  if (enrolment === undefined) throw new NotDeployedError(`device "${name}"`);
  if (enrolment.wants !== wantedOf(device)) {
    throw new CliError(`what ${file} says of ${name} is not deployed yet; run: npx cdk deploy --all`);
  }
  const known = new Set([enrolment.code?.hash]);
  return {
    isEnrolled: certificates.some(({ status }) => status === 'ACTIVE'),
    host,
    newLine: async () => {
      const code = newCode();
      const hash = codeHash(code);
      known.add(hash);
      const expires = Math.floor((Date.now() + DAY_MS) / 1_000);
      await store.change({ [CODE]: codeText({ hash, expires }) });
      // A board that is given the line at once would be refused while what is read is the code before.
      const isShown = async () => {
        const shown = (await store.read())?.code?.hash;
        if (!known.has(shown))
          throw new CliError(`somebody else has made a line for ${name} at the same time; that one works alone`);
        return shown === hash;
      };
      await waitUntil(`AWS IoT shows the new code of ${name}`, inAMinute(), isShown);
      return { text: `enrol ${name} ${code} ${host}:${port}`, code, expires: expires * 1_000 };
    },
  };
}

/** @throws {CliError} when boards cannot enrol at all */
export async function claimOf({ claimPath, enrolmentStack }: FleetNames) {
  const claim = await readCertificate(claimPath);
  if (claim === undefined) throw new NotDeployedError(`stack "${enrolmentStack}", without which no board can enrol,`);
  return claim;
}
