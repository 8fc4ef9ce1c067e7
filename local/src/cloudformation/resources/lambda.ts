import type {
  AddPermissionRequest,
  Architecture,
  CreateFunctionRequest,
  FunctionCode,
  FunctionConfiguration,
  LoggingConfig,
  Runtime,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { isDeepStrictEqual } from 'node:util';
import { NotImplementedError } from '../../errors.ts';
import { provider, unlessGone } from './provider.ts';
import { type Tag, tagChanges, tagMap } from './tag-changes.ts';

const GONE = 'ResourceNotFoundException';

interface Settings {
  readonly Runtime?: Runtime;
  readonly Role: string;
  readonly Handler?: string;
  readonly Description?: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables?: Record<string, string> };
  readonly LoggingConfig?: LoggingConfig;
  readonly EphemeralStorage?: { readonly Size: number };
}

interface FunctionProperties extends Settings {
  readonly FunctionName?: string;
  readonly Code: Readonly<Record<string, string>>;
  readonly Architectures?: readonly Architecture[];
  readonly PackageType?: 'Zip' | 'Image';
  readonly Tags?: readonly Tag[];
}

export const lambdaFunction = provider<FunctionProperties>({
  properties: [
    'FunctionName',
    'Code',
    'Runtime',
    'Role',
    'Handler',
    'Description',
    'Timeout',
    'MemorySize',
    'Environment',
    'LoggingConfig',
    'EphemeralStorage',
    'Architectures',
    'PackageType',
    'Tags',
  ],
  async create({ properties, invoke, name, created }) {
    const { Architectures, PackageType, Tags } = properties;
    const FunctionName = properties.FunctionName ?? name({ max: 64 });
    const request: CreateFunctionRequest = {
      ...settings(properties),
      FunctionName,
      Code: code(properties),
      Architectures: Architectures && [...Architectures],
      PackageType,
      Tags: Tags && tagMap(Tags),
    };
    const { FunctionArn = '' } = await invoke<FunctionConfiguration>('lambda', 'CreateFunction', request);
    return created({ FunctionName, Arn: FunctionArn });
  },
  async update({ properties, old, invoke, attributes }) {
    const { FunctionName } = attributes;
    const { Architectures } = properties;
    if (!isDeepStrictEqual([properties.Code, Architectures], [old.Code, old.Architectures])) {
      const request: UpdateFunctionCodeRequest = {
        ...code(properties),
        FunctionName,
        Architectures: Architectures && [...Architectures],
      };
      await invoke('lambda', 'UpdateFunctionCode', request);
    }
    if (!isDeepStrictEqual(settings(properties), settings(old))) {
      const request: UpdateFunctionConfigurationRequest = {
        ...defaults(FunctionName),
        ...settings(properties),
        FunctionName,
      };
      await invoke('lambda', 'UpdateFunctionConfiguration', request);
    }
    const { set, remove } = tagChanges(old.Tags, properties.Tags);
    if (remove.length > 0) await invoke('lambda', 'UntagResource', { Resource: attributes.Arn, TagKeys: remove });
    if (set.length > 0) await invoke('lambda', 'TagResource', { Resource: attributes.Arn, Tags: tagMap(set) });
    return attributes;
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

const settings = (properties: FunctionProperties): Settings => ({
  Runtime: properties.Runtime,
  Role: properties.Role,
  Handler: properties.Handler,
  ...(properties.Description !== undefined && { Description: properties.Description }),
  ...(properties.Timeout !== undefined && { Timeout: properties.Timeout }),
  ...(properties.MemorySize !== undefined && { MemorySize: properties.MemorySize }),
  ...(properties.Environment !== undefined && { Environment: properties.Environment }),
  ...(properties.LoggingConfig !== undefined && { LoggingConfig: properties.LoggingConfig }),
  ...(properties.EphemeralStorage !== undefined && { EphemeralStorage: properties.EphemeralStorage }),
});

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
    const request: AddPermissionRequest = { ...properties, StatementId };
    await invoke('lambda', 'AddPermission', request);
    return created({ FunctionName: properties.FunctionName, Id: StatementId });
  },
  async delete({ invoke, attributes }) {
    const { FunctionName, Id: StatementId } = attributes;
    await unlessGone(invoke('lambda', 'RemovePermission', { FunctionName, StatementId }), GONE);
  },
});
