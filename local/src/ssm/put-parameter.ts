import type * as sdk from '@aws-sdk/client-ssm';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { Operations } from '../service.ts';
import { tagsOf } from '../tags.ts';
import { authorizeKey, kmsKeyArn } from './kms-key.ts';
import type { Parameter, ParameterStore } from './parameter-store.ts';

/** Of the Standard tier, in bytes. */
const MAX_VALUE = 4096;
const MAX_LEVELS = 15;
const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** The rules for names of the API Reference, PutParameter. */
function checkName(name: string, arn: string): void {
  if (!/^[a-zA-Z0-9_./-]+$/.test(name))
    throw invalid(`Parameter name ${name} is invalid: only letters, digits and _ . - / are allowed.`);
  if (name.includes('/') && !name.startsWith('/'))
    throw invalid(`Parameter name ${name} must be a fully qualified name: a hierarchy begins with a slash.`);
  if (/^\/?(aws|ssm)/i.test(name)) throw invalid(`Parameter name ${name} can't be prefixed with "aws" or "ssm".`);
  if (/\/\/|.\/$/.test(name)) throw invalid(`Parameter name ${name} has an empty level.`);
  if (arn.length > 1011) throw invalid(`Parameter name ${name} is too long: 1011 characters with the ARN are allowed.`);
  if (name.split('/').length - 1 > MAX_LEVELS)
    throw new AwsError('HierarchyLevelLimitExceededException', `${name} has more than ${MAX_LEVELS} levels.`);
}

function checkValue({ Value = '', AllowedPattern }: sdk.PutParameterRequest): void {
  if (Value === '') throw invalid('Value must have a length of at least 1.');
  if (Buffer.byteLength(Value) > MAX_VALUE)
    throw invalid(`Standard tier parameters support a maximum parameter value of ${MAX_VALUE} characters.`);
  if (/\{\{.*\}\}/s.test(Value)) throw invalid("Parameter value can't nest another parameter: {{...}} is not allowed.");
  if (AllowedPattern !== undefined && !pattern(AllowedPattern).test(Value))
    throw new AwsError(
      'ParameterPatternMismatchException',
      `Parameter value failed to satisfy the allowed pattern ${AllowedPattern}.`,
    );
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new AwsError('InvalidAllowedPatternException', `${text} is not a regular expression.`);
  }
}

function checkChange(existing: Parameter, { Overwrite, Type, Tags }: sdk.PutParameterRequest): void {
  if (!Overwrite)
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  if (Tags?.length) throw invalid("Invalid request: tags and overwrite can't be used together.");
  if (Type !== undefined && Type !== existing.type)
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `The parameter ${existing.name} is a ${existing.type}: its type can't be changed to ${Type}.`,
    );
}

export const putParameterOperation = (store: ParameterStore): Operations<typeof sdk>['PutParameter'] => ({
  takes: ['Name', 'Value', 'Type', 'Description', 'Overwrite', 'AllowedPattern', 'Tags', 'Tier', 'KeyId', 'DataType'],
  resource: (input) => store.arn(input.Name),
  handle: (input, call) => {
    const { Name: name = '', Value = '', Tier = 'Standard', KeyId = 'alias/aws/ssm', DataType = 'text' } = input;
    if (Tier === 'Advanced') throw new NotImplementedError('Tier Advanced of ssm:PutParameter');
    if (DataType !== 'text') throw new NotImplementedError(`DataType ${DataType} of ssm:PutParameter`);
    const arn = store.arn(name);
    checkName(name, arn);
    const existing = store.get(name);
    if (existing) checkChange(existing, input);
    const type = input.Type ?? existing?.type;
    if (type === undefined) throw invalid('A parameter type is required when you create a parameter.');
    if (type !== 'String' && type !== 'StringList' && type !== 'SecureString')
      throw new AwsError('UnsupportedParameterType', `The parameter type ${String(type)} is not supported.`);
    checkValue(input);
    const kmsKey = KeyId === 'alias/aws/ssm' ? undefined : kmsKeyArn(call, KeyId);
    if (kmsKey !== undefined && type !== 'SecureString') throw invalid('KeyId goes with the type SecureString alone.');
    if (kmsKey !== undefined) authorizeKey(call, 'kms:Encrypt', kmsKey, arn);
    const version = (existing?.version ?? 0) + 1;
    store.set({
      name: existing?.name ?? name,
      arn,
      type,
      value: type === 'SecureString' ? store.encrypt(arn, Value) : Value,
      kmsKey,
      version,
      modified: new Date(),
      tags: existing?.tags ?? tagsOf(input.Tags),
    });
    return { Version: version, Tier: 'Standard' };
  },
});
