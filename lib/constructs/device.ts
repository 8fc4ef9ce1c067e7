import { Device as FleetFileDevice } from '../device/device.ts';
import { describeIssue } from '../fleet/describe-issue.ts';
import { generationsOf } from '../fleet/generations.ts';
import { NAME_PATTERN, NAME_RULE } from '../fleet/names.ts';
import { identitiesSchema } from '../fleet/schema.ts';
import type { Fleet } from './fleet.ts';

export interface DeviceProps {
  /**
   * Its identities, each with a key of its own: one or two whole numbers that rise. A second one stands there while the board
   * changes to it; then the older one is taken away.
   *
   * @default [1]
   */
  readonly generations?: readonly number[];
  /**
   * Of the key that the deployment makes: P-256, or RSA with 2048 bits. A generation never changes: another kind of key is
   * another generation, such as `{ 1: 'ec', 2: 'rsa' }`.
   *
   * @default ec
   */
  readonly keyType?: 'ec' | 'rsa' | Readonly<Record<number, 'ec' | 'rsa'>>;
  /**
   * The certificate signing request of a device that keeps its own key: the path of a file in PEM.
   *
   * @default the deployment makes the key
   */
  readonly csr?: string | Readonly<Record<number, string>>;
  /**
   * The id of a certificate that the board has already: 64 of 0-9 and a-f. It has to be ACTIVE and attached to the Thing of
   * the device's name and to no other. Both are taken over as they are, without a new key, and given back when the device
   * leaves the app. CloudFormation takes the Thing over by `cdk deploy --import-existing-resources`.
   *
   * @default the deployment makes the certificate
   */
  readonly certificate?: string | Readonly<Record<number, string>>;
  /**
   * Of the policies that such a certificate had, the names of those that it keeps beside the one of the device, for the time
   * being. The deployment detaches what is not here.
   *
   * @default none
   */
  readonly policies?: readonly string[];
  /**
   * Whether its certificates are REVOKED. That is final: for a new one, add a generation.
   *
   * @default false
   */
  readonly revoked?: boolean;
}

/**
 * One board: a Thing, a policy that allows its own topics and nothing else, and a certificate for each of its generations.
 * Its Thing and its MQTT client id are called as it is, with the name of the fleet in front where that has one. The private
 * key lies in the SSM Parameter Store: `/esp-fleet/<site>/<device>/<generation>/key`.
 *
 * The id is the device's name. Logical ids come from it: another one is another device, with another key.
 *
 * @throws {Error} for a name or a property that is not allowed, and for a key that another device of the Fleet has
 */
export class Device extends FleetFileDevice {
  constructor(fleet: Fleet, name: string, props: DeviceProps = {}) {
    const { _site: site } = fleet;
    const where = { file: `${fleet.node.path}/${name}`, line: undefined };
    const refuse = (problem: string) => new Error(`${where.file}: ${problem}`);
    if (!NAME_PATTERN.test(name)) throw refuse(`device name is not valid; allowed: ${NAME_RULE}`);
    const identities = identitiesSchema.safeParse(props, { reportInput: true });
    if (!identities.success) throw refuse(identities.error.issues.map(describeIssue)[0] ?? 'not valid');
    const { revoked = false } = identities.data;
    const generations = generationsOf(identities.data, { file: where.file, lineOf: () => undefined });
    for (const { csr, certificateId } of generations) {
      const key = csr?.publicKey ?? certificateId;
      if (key === undefined) continue;
      const holder = site.keys.get(key);
      const what = csr ? 'csr is for the key' : 'certificate is the one';
      if (holder !== undefined) throw refuse(`its ${what} of ${holder}; allowed: a key of its own for each`);
      site.keys.set(key, name);
    }
    const device = { name, revoked, generations };
    super(fleet, { site, device, certificates: site.certificates, settings: site.settings });
  }
}
