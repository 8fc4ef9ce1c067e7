import { z } from 'zod';
import { KEPT_POLICIES } from '../../lib/fleet/kept-policies.ts';
import { devicePolicy, grantOf } from '../policy/device-policies.ts';
import type { Assembly } from './assembly.ts';
import type { Danger } from './dangers.ts';
import type { TemplateCertificate, TemplateDevice } from './devices.ts';

const documents = z.object({ [KEPT_POLICIES]: z.record(z.string(), z.unknown()) });

/** What certificates lose that were there before the fleet: policies that they do not keep any more, with each right that goes. */
export function lostPolicies(
  base: Assembly,
  before: ReadonlyMap<string, TemplateDevice>,
  after: ReadonlyMap<string, TemplateDevice>,
): Danger[] {
  return [...after.values()].flatMap((now) =>
    now.certificates.flatMap((certificate): Danger[] => {
      const then = before
        .get(now.name)
        ?.certificates.find(({ properties }) => properties.certificateId === certificate.properties.certificateId);
      if (certificate.properties.certificateId === undefined) return [];
      if (then === undefined) return [newcomer(now, certificate)];
      const gone = policiesOf(then).filter((name) => !policiesOf(certificate).includes(name));
      return gone.map((name) => ({
        ...about(now),
        what: 'loses rights',
        consequence: `the policy "${name}" is detached, ${rightsIn(base, now.stack, name)}; AWS IoT cuts off a board that lives by it`,
      }));
    }),
  );
}

const about = ({ name, site }: TemplateDevice) =>
  ({ irreversible: false, type: 'device', where: site, names: [name] }) as const;

/** Of a device that is new, nobody here knows which policies its certificate has. */
function newcomer(device: TemplateDevice, certificate: TemplateCertificate): Danger {
  const kept = policiesOf(certificate);
  const consequence =
    `thing and certificate are taken over as they are (deploy with --import-existing-resources); the certificate keeps ` +
    (kept.length === 0 ? 'none of its policies' : `${kept.join(', ')}, and loses any other policy that it has`);
  return { ...about(device), what: 'taken over', consequence };
}

function policiesOf({ properties }: TemplateCertificate): readonly string[] {
  return z.array(z.string()).safeParse(properties.policies).data ?? [];
}

function rightsIn({ stacks }: Assembly, stack: string, name: string): string {
  const known = documents.safeParse(stacks.get(stack)?.template.Metadata).data?.[KEPT_POLICIES];
  if (known?.[name] === undefined) return `and what it allows stands in no file (policies/${name}.json)`;
  const { statements } = devicePolicy({ name, document: JSON.stringify(known[name]) }).document;
  const rights = statements.map((statement) => {
    const grant = grantOf(statement);
    if (grant === undefined) return `something in statement ${statement.label} that is not understood here`;
    return statement.effect === 'Allow' ? grant : `the denial of ${grant}`;
  });
  return `which gave it, when it was imported: ${rights.join('; ')}`;
}
