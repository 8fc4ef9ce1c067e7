import type { Parameter as ParameterShape, ParameterType } from '@aws-sdk/client-ssm';
import { AwsError } from '../errors.ts';
import type { Account } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';
import { SecureStrings } from './secure-strings.ts';

/** A parameter in its latest version, the only one that is kept. */
export interface Parameter {
  readonly name: string;
  readonly arn: string;
  readonly type: ParameterType;
  /** Encrypted when the type is SecureString. */
  readonly value: string;
  readonly version: number;
  readonly modified: Date;
  /** ARN of who wrote it. */
  readonly modifiedBy: string;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly tags: Tags;
}

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
    return `arn:aws:ssm:${region}:${id}:parameter/${withoutSelector(name).replace(/^\//, '')}`;
  }

  encrypt(arn: string, text: string): string {
    return this.#secrets.encrypt(arn, text);
  }

  /** Finds `name` or `name:version`. Throws ParameterNotFound, ParameterVersionNotFound. */
  find(nameAndSelector = ''): Parameter {
    const name = withoutSelector(nameAndSelector);
    const parameter = this.parameters.get(name);
    if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
    const selector = nameAndSelector.slice(name.length + 1);
    if (selector !== '' && selector !== String(parameter.version))
      throw new AwsError(
        'ParameterVersionNotFound',
        `Systems Manager could not find version ${selector} of ${name}: the local cloud keeps the latest, ${parameter.version}.`,
      );
    return parameter;
  }

  /** As the Get operations answer it. */
  describe(parameter: Parameter, decrypt = false): ParameterShape {
    const { name, arn, type, value, version, modified } = parameter;
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

const withoutSelector = (name: string): string => name.split(':', 1)[0] ?? name;
