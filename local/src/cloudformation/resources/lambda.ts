import type { CreateFunctionRequest, FunctionCode } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { isDeepStrictEqual } from 'node:util';
import { NotImplementedError } from '../../errors.ts';
import { pick, provider, unlessGone } from './provider.ts';
import { changeTags, type Tag, tagMap } from './tag-changes.ts';

const GONE = 'ResourceNotFoundException';

const SETTINGS = [
  ...(['Runtime', 'Role', 'Handler', 'Description', 'Timeout', 'MemorySize', 'Environment'] as const),
  ...(['LoggingConfig', 'EphemeralStorage'] as const),
];
type Same = (typeof SETTINGS)[number] | 'Architectures' | 'PackageType';

interface FunctionProperties extends Pick<CreateFunctionRequest, Same> {
  readonly FunctionName?: string;
  readonly Code: Readonly<Record<string, string>>;
  readonly Tags?: Tag[];
}

export const lambdaFunction = provider<FunctionProperties>({
  properties: [...SETTINGS, 'FunctionName', 'Code', 'Architectures', 'PackageType', 'Tags'],
  async create({ properties, invoke, name, created }) {
    const { Architectures, PackageType, Tags } = properties;
    const FunctionName = properties.FunctionName ?? name({ max: 64 });
    const { FunctionArn = '' } = await invoke('lambda', 'CreateFunction', {
      ...settings(properties),
      FunctionName,
      Code: code(properties),
      Architectures,
      PackageType,
      Tags: Tags && tagMap(Tags),
    });
    return created({ FunctionName, Arn: FunctionArn });
  },
  async update({ properties, old, invoke, attributes }) {
    const { FunctionName } = attributes;
    const { Architectures } = properties;
    if (!isDeepStrictEqual([properties.Code, Architectures], [old.Code, old.Architectures]))
      await invoke('lambda', 'UpdateFunctionCode', { ...code(properties), FunctionName, Architectures });
    if (!isDeepStrictEqual(settings(properties), settings(old))) {
      const request = { ...defaults(FunctionName), ...settings(properties), FunctionName };
      await invoke('lambda', 'UpdateFunctionConfiguration', request);
    }
    const Resource = attributes.Arn;
    await changeTags(
      old.Tags,
      properties.Tags,
      (tags) => invoke('lambda', 'TagResource', { Resource, Tags: tagMap(tags) }),
      (TagKeys) => invoke('lambda', 'UntagResource', { Resource, TagKeys }),
    );
  },
  async delete({ invoke, attributes }) {
    await unlessGone(invoke('lambda', 'DeleteFunction', { FunctionName: attributes.FunctionName }), GONE);
  },
});

// What a template no longer says goes back to these, since the update of a configuration leaves out what is to stay.
const defaults = (name: string | undefined) => ({
  Description: '',
  Timeout: 3,
  MemorySize: 128,
  Environment: { Variables: {} },
  LoggingConfig: { LogFormat: 'Text' as const, LogGroup: `/aws/lambda/${name}` },
  EphemeralStorage: { Size: 512 },
});

const settings = (properties: FunctionProperties) => pick(properties, SETTINGS);

function code({ Code }: FunctionProperties): FunctionCode {
  const { ZipFile, S3Bucket, S3Key, ...others } = Code;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new NotImplementedError(`property Code.${other} of AWS::Lambda::Function`);
  // In a template, ZipFile is the source text of a file index.js.
  return ZipFile === undefined ? { S3Bucket, S3Key } : { ZipFile: zipSync({ 'index.js': strToU8(ZipFile) }) };
}

interface PermissionProperties {
  readonly FunctionName: string;
  readonly Action: string;
  readonly Principal: string;
  readonly SourceArn?: string;
  readonly SourceAccount?: string;
}

export const permission = provider<PermissionProperties>({
  properties: ['FunctionName', 'Action', 'Principal', 'SourceArn', 'SourceAccount'],
  async create({ properties, invoke, name, created }) {
    const StatementId = name({ max: 100 });
    await invoke('lambda', 'AddPermission', { ...properties, StatementId });
    return created({ FunctionName: properties.FunctionName, Id: StatementId });
  },
  async delete({ invoke, attributes }) {
    const { FunctionName, Id: StatementId } = attributes;
    await unlessGone(invoke('lambda', 'RemovePermission', { FunctionName, StatementId }), GONE);
  },
});
