import type * as sdk from '@aws-sdk/client-lambda';
import { AwsError, NotImplementedError } from '../errors.ts';
import type { IamStore } from '../iam/iam-store.ts';
import { pageOf } from '../paging.ts';
import type { Operations } from '../service.ts';
import { withoutTags } from '../tags.ts';
import { readPackage } from './deployment-package.ts';
import { SETTINGS, applySettings, describe, invalid } from './function-settings.ts';
import type { FunctionRunner } from './function-runner.ts';
import type { FunctionStore, LambdaFunction } from './function-store.ts';

const MOST = 50;

export function functionOperations(
  store: FunctionStore,
  iam: IamStore,
  runner: FunctionRunner,
): Operations<typeof sdk> {
  const resource = ({ FunctionName }: { FunctionName?: string | undefined }): string => store.arn(FunctionName);
  const save = (fn: LambdaFunction): sdk.FunctionConfiguration => {
    store.functions.set(fn.name, fn);
    return describe(fn);
  };
  return {
    CreateFunction: {
      takes: ['FunctionName', 'Code', 'Architectures', 'PackageType', 'Publish', 'Tags', ...SETTINGS],
      resource,
      handle: async (input, call) => {
        const {
          FunctionName: name = '',
          Code = {},
          Architectures = ['x86_64'],
          PackageType = 'Zip',
          Publish,
          Tags,
        } = input;
        if (!/^[a-zA-Z0-9-_]{1,64}$/.test(name)) throw invalid(`The function name ${name} is not valid.`);
        if (PackageType !== 'Zip') throw new NotImplementedError(`PackageType ${PackageType} of lambda:CreateFunction`);
        if (Publish) throw new NotImplementedError('Publish of lambda:CreateFunction');
        if (store.functions.has(name))
          throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409);
        const unset = { runtime: '', handler: '', role: '', description: '', timeout: 3, memory: 128, environment: {} };
        const initial = { ...unset, logGroup: `/aws/lambda/${name}`, modified: new Date(), revision: '' };
        const settings = applySettings(input, initial, iam, call);
        const { bytes, ...code } = await readPackage(Code, call);
        store.code.set(name, bytes);
        const [architecture = 'x86_64'] = Architectures;
        return save({ name, arn: store.arn(name), architecture, tags: Tags ?? {}, ...settings, ...code });
      },
    },
    GetFunction: {
      takes: ['FunctionName', 'Qualifier'],
      resource,
      // AWS answers a presigned URL of the code as well, which there is none of here.
      handle: ({ FunctionName, Qualifier }) => {
        const fn = store.find(FunctionName, Qualifier);
        return { Configuration: describe(fn), Code: { RepositoryType: 'S3' }, Tags: fn.tags };
      },
    },
    GetFunctionConfiguration: {
      takes: ['FunctionName', 'Qualifier'],
      resource,
      handle: ({ FunctionName, Qualifier }) => describe(store.find(FunctionName, Qualifier)),
    },
    UpdateFunctionCode: {
      takes: ['FunctionName', 'ZipFile', 'S3Bucket', 'S3Key', 'Architectures', 'Publish'],
      resource,
      handle: async ({ FunctionName, Architectures, Publish, ...input }, call) => {
        if (Publish) throw new NotImplementedError('Publish of lambda:UpdateFunctionCode');
        const fn = store.find(FunctionName);
        const { bytes, ...code } = await readPackage(input, call);
        store.code.set(fn.name, bytes);
        const changed = { modified: new Date(), revision: call.requestId };
        return save({ ...fn, ...code, ...changed, architecture: Architectures?.[0] ?? fn.architecture });
      },
    },
    UpdateFunctionConfiguration: {
      takes: ['FunctionName', ...SETTINGS],
      resource,
      handle: (input, call) => {
        const fn = store.find(input.FunctionName);
        return save({ ...fn, ...applySettings(input, fn, iam, call) });
      },
    },
    DeleteFunction: {
      takes: ['FunctionName'],
      resource,
      handle: async ({ FunctionName }) => {
        const fn = store.find(FunctionName);
        store.delete(fn);
        await runner.end(fn.name);
      },
    },
    ListFunctions: {
      takes: ['Marker', 'MaxItems'],
      resource: () => '*',
      handle: ({ Marker: token, MaxItems = MOST }) => {
        const page = { limit: Math.min(MaxItems, MOST), token };
        const { items, next } = pageOf(store.functions.values(), ({ name }) => name, page);
        return { Functions: items.map(describe), NextMarker: next };
      },
    },
    TagResource: {
      resource: ({ Resource = '' }) => Resource,
      handle: ({ Resource, Tags }) => {
        const fn = store.find(Resource);
        save({ ...fn, tags: { ...fn.tags, ...Tags } });
      },
    },
    UntagResource: {
      resource: ({ Resource = '' }) => Resource,
      handle: ({ Resource, TagKeys }) => {
        const fn = store.find(Resource);
        save({ ...fn, tags: withoutTags(fn.tags, TagKeys) });
      },
    },
  };
}
