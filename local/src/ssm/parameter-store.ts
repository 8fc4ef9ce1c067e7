import type { Parameter as ParameterShape, ParameterType } from '@aws-sdk/client-ssm';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Account, Call } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';
import { authorizeKey } from './kms-key.ts';
import { SecureStrings } from './secure-strings.ts';

export interface Parameter {
  readonly name: string;
  readonly arn: string;
  readonly type: ParameterType;
  /** Encrypted when the type is SecureString. */
  readonly value: string;
  /** ARN of the customer-managed key that it is encrypted with. */
  readonly kmsKey?: string | undefined;
  readonly version: number;
  readonly modified: Date;
  readonly tags: Tags;
}

/** `/x` and `x` have one ARN, and so are one parameter. */
const key = (name: string): string => name.replace(/^\/(?=[^/]+$)/, '');

/** Parameters in their latest version; the versions before are not kept. */
export class ParameterStore {
  readonly parameters: Collection<Parameter>;
  readonly #secrets: SecureStrings;
  readonly #account: Account;

  constructor(state: State, account: Account) {
    this.parameters = state.collection('ssm.parameters');
    this.#secrets = new SecureStrings(state);
    this.#account = account;
  }

  /** The slash that begins a hierarchy's name is the one behind `parameter`. */
  arn(name = ''): string {
    if (name.startsWith('arn:')) return name;
    const { region, id } = this.#account;
    return `arn:aws:ssm:${region}:${id}:parameter/${name.replace(/^\//, '')}`;
  }

  encrypt(arn: string, text: string): string {
    return this.#secrets.encrypt(arn, text);
  }

  /** The parameter of a name; of the two spellings `/x` and `x`, either finds it. */
  get(name: string): Parameter | undefined {
    return this.parameters.get(key(name));
  }

  set(parameter: Parameter): void {
    this.parameters.set(key(parameter.name), parameter);
  }

  delete({ name }: Parameter): void {
    this.parameters.delete(key(name));
  }

  /**
   * By its name or its ARN. Throws ParameterNotFound, and NotImplemented for `name:version`, `name:label`, and the parameters
   * that AWS itself publishes.
   */
  find(nameOrArn = ''): Parameter {
    const own = this.arn();
    // What stands behind `parameter` in an ARN is a hierarchy's name without its slash, which a single name has not.
    const name = nameOrArn.startsWith(own) ? `/${nameOrArn.slice(own.length)}` : nameOrArn;
    if (/^\/aws\/service(\/|$)/.test(name)) throw new NotImplementedError(`the public parameter ${name} of ssm`);
    if (name.startsWith('arn:')) throw new NotImplementedError(`the parameter ${name}, of another account or region,`);
    if (name.includes(':')) throw new NotImplementedError(`the version or label in the name ${name} of ssm`);
    const parameter = this.get(name);
    if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
    return parameter;
  }

  /** As the Get operations answer it. Throws AccessDenied unless the caller may decrypt it, where it is to be decrypted. */
  describe(parameter: Parameter, call: Call, decrypt = false): ParameterShape {
    const { name, arn, type, value, kmsKey, version, modified } = parameter;
    if (decrypt && kmsKey !== undefined) authorizeKey(call, 'kms:Decrypt', kmsKey, arn);
    return {
      Name: name,
      ARN: arn,
      Type: type,
      Value: type === 'SecureString' && decrypt ? this.#secrets.decrypt(arn, value) : value,
      Version: version,
      LastModifiedDate: modified,
      DataType: 'text',
    };
  }
}
