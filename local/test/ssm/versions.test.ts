import {
  DeleteParameterCommand,
  GetParameterCommand,
  LabelParameterVersionCommand,
  paginateGetParameterHistory,
  type ParameterHistory,
  PutParameterCommand,
  SSMClient,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ssmService } from '../../src/ssm/ssm-service.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let services: Services;
let ssm: SSMClient;
let name: string;
let count = 0;

beforeAll(async () => {
  services = await startServices((parts) => [ssmService(parts)]);
  ssm = new SSMClient(services.operator);
});
afterAll(() => services.close());
beforeEach(() => (name = `/versions/${++count}`));

const put = (Value: string, client = ssm) =>
  client.send(new PutParameterCommand({ Name: name, Value, Type: 'SecureString', Overwrite: true }));
const putUpTo = async (last: number) => {
  for (let version = 1; version <= last; version++) await put(`value ${version}`);
};
const get = async (selector: string | number, client = ssm) =>
  (await client.send(new GetParameterCommand({ Name: `${name}:${selector}`, WithDecryption: true }))).Parameter;
const label = (ParameterVersion: number | undefined, ...Labels: string[]) =>
  ssm.send(new LabelParameterVersionCommand({ Name: name, ParameterVersion, Labels }));
const history = async (pageSize?: number): Promise<ParameterHistory[]> => {
  const versions = [];
  const config = pageSize === undefined ? { client: ssm } : { client: ssm, pageSize };
  for await (const { Parameters = [] } of paginateGetParameterHistory(config, { Name: name, WithDecryption: true }))
    versions.push(...Parameters);
  return versions;
};

it('every version is found by its number, the latest without', async () => {
  await putUpTo(3);
  expect(await get(1)).toMatchObject({ Name: name, Version: 1, Value: 'value 1' });
  expect(await get(3)).toMatchObject({ Version: 3, Value: 'value 3' });
  await expect(get(4)).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  await expect(get(0)).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
});

it('the newest hundred are kept: the 101st version pushes the first one out', async () => {
  await putUpTo(101);
  await expect(get(1)).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  expect((await history()).map(({ Version }) => Version)).toEqual(Array.from({ length: 100 }, (_, n) => n + 2));
});

it('no version that has a label is pushed out: the 101st is refused until the label has moved', async () => {
  await putUpTo(100);
  await label(1, 'Production');
  await expect(put('one too many')).rejects.toMatchObject({
    name: 'ParameterMaxVersionLimitExceeded',
    message: expect.stringContaining("Version 1, the oldest version, can't be deleted") as string,
  });
  expect(await get(100)).toMatchObject({ Value: 'value 100' });
  await label(50, 'Production');
  expect(await put('the next')).toMatchObject({ Version: 101 });
});

it('a label stands for one version, moves to another, and is taken off', async () => {
  await putUpTo(2);
  await label(1, 'Old', 'x.1-_');
  expect(await get('Old')).toMatchObject({ Version: 1, Value: 'value 1' });
  expect(await label(undefined, 'Old')).toMatchObject({ ParameterVersion: 2, InvalidLabels: [] });
  expect(await get('Old')).toMatchObject({ Version: 2 });
  const unlabel = new UnlabelParameterVersionCommand({ Name: name, ParameterVersion: 2, Labels: ['Old', 'x.1-_'] });
  expect(await ssm.send(unlabel)).toMatchObject({ RemovedLabels: ['Old'], InvalidLabels: ['x.1-_'] });
  await expect(get('Old')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  expect(await get('x.1-_')).toMatchObject({ Version: 1 });
});

it('labels that AWS does not allow are named and left out; a version has ten at most', async () => {
  await putUpTo(1);
  const refused = ['1st', 'awsome', 'SSM', 'a b', 'x'.repeat(101)];
  expect(await label(1, 'fine', ...refused)).toMatchObject({ InvalidLabels: refused });
  expect((await history())[0]?.Labels).toEqual(['fine']);
  const ten = Array.from({ length: 10 }, (_, n) => `label-${n}`);
  await expect(label(1, ...ten)).rejects.toMatchObject({ name: 'ParameterVersionLabelLimitExceeded' });
  await label(1, ...ten.slice(1));
});

it('the history has all versions, oldest first, in pages', async () => {
  await putUpTo(12);
  const versions = await history(5);
  expect(versions.map(({ Value }) => Value)).toEqual(Array.from({ length: 12 }, (_, n) => `value ${n + 1}`));
  expect(versions[0]).toMatchObject({ Name: name, Type: 'SecureString', KeyId: 'alias/aws/ssm', Labels: [] });
});

it('a deletion takes all versions and labels; the next parameter of that name begins anew', async () => {
  await putUpTo(2);
  await label(1, 'Old');
  await ssm.send(new DeleteParameterCommand({ Name: name }));
  await put('again');
  expect(await history()).toMatchObject([{ Version: 1, Value: 'again', Labels: [] }]);
  await expect(get('Old')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
});

it('versions and labels survive a restart', async () => {
  const folder = temporaryFolder();
  const before = await startServices((parts) => [ssmService(parts)], folder);
  const client = new SSMClient(before.operator);
  await put('first', client);
  await put('second', client);
  await client.send(new LabelParameterVersionCommand({ Name: name, ParameterVersion: 1, Labels: ['Old'] }));
  await before.close();
  const after = await startServices((parts) => [ssmService(parts)], folder);
  expect(await get('Old', new SSMClient(after.operator))).toMatchObject({ Version: 1, Value: 'first' });
  await after.close();
});

it('who may read a parameter may read its versions, its history takes more', async () => {
  await putUpTo(2);
  const Resource = `arn:aws:ssm:us-east-1:000000000000:parameter${name}`;
  const reader = new SSMClient(await services.role('version-reader', [{ Action: 'ssm:GetParameter', Resource }]));
  expect(await get(1, reader)).toMatchObject({ Value: 'value 1' });
  const pages = paginateGetParameterHistory({ client: reader }, { Name: name });
  await expect(pages.next()).rejects.toThrow(`ssm:GetParameterHistory on resource: ${Resource}`);
});
