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
    const { region, id } = this.#account;
    return `arn:aws:ssm:${region}:${id}:parameter/${name.replace(/^\//, '')}`;
  }

  encrypt(arn: string, text: string): string {
    return this.#secrets.encrypt(arn, text);
  }

  /** Throws ParameterNotFound, and NotImplemented for `name:version` and `name:label`. */
  find(name = ''): Parameter {
    if (name.includes(':')) throw new NotImplementedError(`the version or label in the name ${name} of ssm`);
    const parameter = this.parameters.get(name);
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
