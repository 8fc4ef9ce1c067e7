import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { ConditionContext } from '../../../../policy/conditions.ts';

/** Attributes of a name that policies may ask about (DG, cert-policy-variables), with their OIDs. */
const ATTRIBUTES = {
  DistinguishedNameQualifier: '2.5.4.46',
  Country: '2.5.4.6',
  Organization: '2.5.4.10',
  OrganizationalUnit: '2.5.4.11',
  State: '2.5.4.8',
  CommonName: '2.5.4.3',
  SerialNumber: '2.5.4.5',
  Title: '2.5.4.12',
  Surname: '2.5.4.4',
  GivenName: '2.5.4.42',
  Initials: '2.5.4.43',
  Pseudonym: '2.5.4.65',
  GenerationQualifier: '2.5.4.44',
} as const;

/**
 * The policy variables `iot:Certificate.Subject.*` and `iot:Certificate.Issuer.*`: the first value under the bare name, the
 * others under `.1`, `.2`, ..., and all of them under `.List`.
 */
export function certificateAttributes(pem: string): ConditionContext {
  const certificate = new x509.X509Certificate(pem);
  const entries = (['Subject', 'Issuer'] as const).flatMap((who) => {
    const name = who === 'Subject' ? certificate.subjectName : certificate.issuerName;
    return Object.entries(ATTRIBUTES).flatMap(([attribute, oid]): [string, string | string[]][] => {
      const values = name.getField(oid);
      const key = `iot:Certificate.${who}.${attribute}`;
      return values.length === 0
        ? []
        : [
            [`${key}.List`, values],
            ...values.map((value, i): [string, string] => [i === 0 ? key : `${key}.${i}`, value]),
          ];
    });
  });
  return Object.fromEntries(entries);
}
