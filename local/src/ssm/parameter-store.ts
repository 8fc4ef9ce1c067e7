import type { Parameter as ParameterShape, ParameterType } from '@aws-sdk/client-ssm';
import { AwsError } from '../errors.ts';
import type { Account } from '../service.ts';
import type { Collection, State } from '../state/state.ts';
import type { Tags } from '../tags.ts';
import { SecureStrings } from './secure-strings.ts';

/** A parameter in one of its versions. */
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
  /** Of the parameter, so those of its latest version count. */
  readonly tags: Tags;
}

/** Versions of one parameter that are kept (API Reference, ParameterMaxVersionLimitExceeded). */
const MAX_VERSIONS = 100;

export class ParameterStore {
  /** The latest versions. */
  readonly parameters: Collection<Parameter>;
  /** The versions before, oldest first, by name. */
  readonly #past: Collection<readonly Parameter[]>;
  /** Which version each label is attached to, by name: one alone. */
  readonly #labels: Collection<Readonly<Record<string, number>>>;
  readonly #secrets: SecureStrings;
  readonly #account: Account;

  constructor(state: State, account: Account) {
    this.parameters = state.collection('ssm.parameters');
    this.#past = state.collection('ssm.past-versions');
    this.#labels = state.collection('ssm.labels');
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

  /** Finds `name`, `name:version` or `name:label`. Throws ParameterNotFound, ParameterVersionNotFound. */
  find(nameAndSelector = ''): Parameter {
    const name = withoutSelector(nameAndSelector);
    const parameter = this.parameters.get(name);
    if (!parameter) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
    const selector = nameAndSelector.slice(name.length + 1);
    if (selector === '') return parameter;
    const wanted = /^\d+$/.test(selector) ? Number(selector) : this.#labelsOf(name)[selector];
    const found = this.versions(parameter).find(({ version }) => version === wanted);
    if (!found)
      throw new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${selector} of ${name}.`);
    return found;
  }

  /** All versions of a parameter that are kept, oldest first. */
  versions(parameter: Parameter): readonly Parameter[] {
    return [...(this.#past.get(parameter.name) ?? []), parameter];
  }

  /** Makes this the latest version; past {@link MAX_VERSIONS} the oldest goes. Throws when a label holds that one. */
  put(parameter: Parameter): void {
    const { name } = parameter;
    const latest = this.parameters.get(name);
    if (latest) {
      const past = this.versions(latest);
      const [oldest] = past;
      const isFull = past.length >= MAX_VERSIONS;
      if (isFull && oldest && this.labels(oldest).length > 0)
        throw new AwsError(
          'ParameterMaxVersionLimitExceeded',
          `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
            `Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it. ` +
            'Move the label to another version of the parameter, and try again.',
        );
      this.#past.set(name, isFull ? past.slice(1) : past);
    }
    this.parameters.set(name, parameter);
  }

  /** Deletes a parameter with all its versions. */
  delete({ name }: Parameter): void {
    this.parameters.delete(name);
    this.#past.delete(name);
    this.#labels.delete(name);
  }

  /** The labels of a version. */
  labels({ name, version }: Parameter): string[] {
    return Object.entries(this.#labelsOf(name)).flatMap(([label, at]) => (at === version ? [label] : []));
  }

  /** Attaches labels to a version; from another one they move. */
  label({ name, version }: Parameter, labels: readonly string[]): void {
    this.#labels.set(name, { ...this.#labelsOf(name), ...Object.fromEntries(labels.map((label) => [label, version])) });
  }

  /** Takes labels off a version. */
  unlabel({ name }: Parameter, labels: readonly string[]): void {
    const left = Object.entries(this.#labelsOf(name)).filter(([label]) => !labels.includes(label));
    this.#labels.set(name, Object.fromEntries(left));
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

  #labelsOf(name: string): Readonly<Record<string, number>> {
    return this.#labels.get(name) ?? {};
  }
}

const withoutSelector = (name: string): string => name.split(':', 1)[0] ?? name;
