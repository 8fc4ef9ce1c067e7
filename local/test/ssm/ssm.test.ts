import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  RemoveTagsFromResourceCommand,
  SSMClient,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SecureStrings } from '../../src/ssm/secure-strings.ts';
import { ssmService } from '../../src/ssm/ssm-service.ts';
import { State } from '../../src/state/state.ts';
import { type Services, startServices } from '../support/start-services.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let services: Services;
let ssm: SSMClient;

beforeAll(async () => {
  services = await startServices((parts) => [ssmService(parts)]);
  ssm = new SSMClient(services.operator);
});
afterAll(() => services.close());

const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
const get = async (Name: string, WithDecryption?: boolean) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;

describe('a key of AWS KMS', () => {
  const key = '1234abcd-12ab-34cd-56ef-1234567890ab';
  const keyArn = `arn:aws:kms:us-east-1:000000000000:key/${key}`;
  const secret = { Type: 'SecureString', KeyId: key } as const;
  const all = { Action: 'ssm:*', Resource: '*' };
  // Systems Manager User Guide, "AWS KMS encryption for AWS Systems Manager Parameter Store SecureString parameters".
  const via = {
    StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com' },
    StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': 'arn:aws:ssm:us-east-1:000000000000:parameter/keyed/*' },
  };

  it('has to be allowed to whoever writes, and to whoever reads in clear', async () => {
    await put('/keyed/a', 'x', secret);
    const stranger = new SSMClient(await services.role('keyless', [all]));
    const denied = (action: string) => ({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`not authorized to perform: ${action} on resource: ${keyArn}`) as string,
    });
    const write = new PutParameterCommand({ Name: '/keyed/b', Value: 'y', ...secret });
    await expect(stranger.send(write)).rejects.toMatchObject(denied('kms:Encrypt'));
    const read = new GetParameterCommand({ Name: '/keyed/a', WithDecryption: true });
    await expect(stranger.send(read)).rejects.toMatchObject(denied('kms:Decrypt'));
    const path = new GetParametersByPathCommand({ Path: '/keyed', WithDecryption: true });
    await expect(stranger.send(path)).rejects.toMatchObject(denied('kms:Decrypt'));
    const { Parameter } = await stranger.send(new GetParameterCommand({ Name: '/keyed/a' }));
    expect(Parameter?.Value).not.toBe('x');
  });

  it('can be allowed for parameters below a path, by way of SSM', async () => {
    const use = { Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: keyArn, Condition: via };
    const keeper = new SSMClient(await services.role('keeper', [all, use]));
    await keeper.send(new PutParameterCommand({ Name: '/keyed/c', Value: 'z', ...secret }));
    const { Parameter } = await keeper.send(new GetParameterCommand({ Name: '/keyed/c', WithDecryption: true }));
    expect(Parameter?.Value).toBe('z');
    const elsewhere = new PutParameterCommand({ Name: '/elsewhere', Value: 'z', ...secret });
    await expect(keeper.send(elsewhere)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  it.each(['alias/mine', 'x', `arn:aws:kms:eu-west-1:000000000000:key/${key}`])('%s is refused', async (KeyId) => {
    await expect(put('/keyed/d', 'x', { ...secret, KeyId })).rejects.toMatchObject({ name: 'InvalidKeyId' });
  });
});

describe('a parameter', () => {
  it('has one name with a slash and without, and its ARN for another', async () => {
    await put('one', 'x');
    await expect(put('/one', 'y')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    await put('/one', 'y', { Overwrite: true });
    for (const name of ['one', '/one', 'arn:aws:ssm:us-east-1:000000000000:parameter/one']) {
      expect(await get(name)).toMatchObject({ Name: 'one', Value: 'y', Version: 2 });
    }
    await put('/levels/one', 'z');
    expect((await get('arn:aws:ssm:us-east-1:000000000000:parameter/levels/one'))?.Name).toBe('/levels/one');
    const both = new GetParametersCommand({ Names: ['/one', 'arn:aws:ssm:us-east-1:000000000000:parameter/none'] });
    expect(await ssm.send(both)).toMatchObject({
      Parameters: [{ Name: 'one' }],
      InvalidParameters: ['arn:aws:ssm:us-east-1:000000000000:parameter/none'],
    });
    await ssm.send(new DeleteParameterCommand({ Name: '/one' }));
    await expect(get('one')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it.each([
    ['/aws/service/ami-amazon-linux-latest/al2023', 'the public parameter /aws/service/ami-amazon-linux-latest/al2023'],
    ['arn:aws:ssm:us-east-1::parameter/aws/service/x', 'the parameter arn:aws:ssm:us-east-1::parameter/aws/service/x'],
    ['arn:aws:ssm:eu-west-1:000000000000:parameter/x', 'the parameter arn:aws:ssm:eu-west-1:000000000000:parameter/x'],
  ])('that is not of this account is refused by its name: %s', async (name, said) => {
    const refusal = { name: 'NotImplemented', message: expect.stringContaining(said) as string };
    await expect(get(name)).rejects.toMatchObject(refusal);
    await expect(ssm.send(new GetParametersCommand({ Names: [name] }))).rejects.toMatchObject(refusal);
    const Path = '/aws/service/global-infrastructure';
    await expect(ssm.send(new GetParametersByPathCommand({ Path }))).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('is found by its name, with an ARN whose slash is not doubled', async () => {
    await put('/site/a', 'x');
    expect(await get('/site/a')).toMatchObject({
      Name: '/site/a',
      Value: 'x',
      Version: 1,
      ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/site/a',
    });
    await put('flat', 'y', { Type: 'StringList' });
    expect((await get('flat'))?.ARN).toBe('arn:aws:ssm:us-east-1:000000000000:parameter/flat');
  });

  it('is written over only when the caller says so, and counts its versions', async () => {
    await put('/over', '1');
    await expect(put('/over', '2')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    expect(await put('/over', '2', { Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await get('/over')).toMatchObject({ Value: '2', Version: 2 });
  });

  it.each(['/over:1', '/over:label'])('is not found as %s, by one or among others: refused by name', async (name) => {
    await expect(get(name)).rejects.toThrow(`the version or label in the name ${name}`);
    await expect(ssm.send(new GetParametersCommand({ Names: [name] }))).rejects.toThrow(`in the name ${name}`);
  });

  it('keeps its type', async () => {
    await put('/typed', '1');
    const change = put('/typed', '2', { Overwrite: true, Type: 'SecureString' });
    await expect(change).rejects.toMatchObject({ name: 'HierarchyTypeMismatchException' });
    await put('/typed', '2', { Overwrite: true, Type: undefined });
    expect(await get('/typed')).toMatchObject({ Type: 'String', Value: '2' });
  });

  it('that is not there is ParameterNotFound, to be read and to be deleted', async () => {
    await expect(get('/none')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    const remove = new DeleteParameterCommand({ Name: '/none' });
    await expect(ssm.send(remove)).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('is gone when it is deleted', async () => {
    await put('/gone', '1');
    await ssm.send(new DeleteParameterCommand({ Name: '/gone' }));
    await expect(get('/gone')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it.each(['a/b', '/a b', '/aws/x', 'ssmx', '/a//b', '/a/', 'ä'])('is not made with the name %s', async (name) => {
    await expect(put(name, '1')).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('has 15 levels at most', async () => {
    await put('/l'.repeat(15), '1');
    await expect(put('/l'.repeat(16), '1')).rejects.toMatchObject({ name: 'HierarchyLevelLimitExceededException' });
  });

  it('holds 4 KB and not a byte more', async () => {
    await put('/full', 'x'.repeat(4096));
    await expect(put('/full', 'x'.repeat(4097), { Overwrite: true })).rejects.toThrow('4096');
  });

  it('satisfies its pattern', async () => {
    await expect(put('/number', 'x', { AllowedPattern: '^\\d+$' })).rejects.toMatchObject({
      name: 'ParameterPatternMismatchException',
    });
  });

  it.each([{ Tier: 'Advanced' } as const, { KeyId: 'alias/mine' }, { Policies: '[]' }, { DataType: 'aws:ec2:image' }])(
    'is refused with %j, by name',
    async (more) => {
      await expect(put('/more', 'x', more)).rejects.toThrow(`${Object.keys(more)[0]}`);
    },
  );

  it('has tags', async () => {
    await put('/tagged', '1', { Tags: [{ Key: 'a', Value: '1' }] });
    const resource = { ResourceType: 'Parameter', ResourceId: '/tagged' } as const;
    await ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'b', Value: '2' }] }));
    await ssm.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['a'] }));
    const { TagList } = await ssm.send(new ListTagsForResourceCommand(resource));
    expect(TagList).toEqual([{ Key: 'b', Value: '2' }]);
  });
});

describe('a SecureString', () => {
  it('is answered in the clear only with decryption', async () => {
    await put('/secret', 'the key', { Type: 'SecureString' });
    expect(await get('/secret', true)).toMatchObject({ Type: 'SecureString', Value: 'the key' });
    expect((await get('/secret'))?.Value).not.toContain('key');
  });

  it('decrypts to what was encrypted, and to nothing under another name', async () => {
    const secrets = new SecureStrings(await State.open());
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(secrets.decrypt('one', secrets.encrypt('one', text))).toBe(text);
        expect(() => secrets.decrypt('two', secrets.encrypt('one', text))).toThrow();
      }),
    );
  });

  it('survives a restart and lies on disk only encrypted', async () => {
    const folder = temporaryFolder();
    const before = await startServices((parts) => [ssmService(parts)], folder);
    const secret = new PutParameterCommand({ Name: '/s', Value: 'find-me-if-you-can', Type: 'SecureString' });
    const open = new PutParameterCommand({ Name: '/o', Value: 'plain-to-see', Type: 'String' });
    await new SSMClient(before.operator).send(secret);
    await new SSMClient(before.operator).send(open);
    await before.close();
    const disk = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'));
    expect(disk.some((text) => text.includes('plain-to-see'))).toBe(true);
    expect(disk.some((text) => text.includes('find-me-if-you-can'))).toBe(false);
    const after = await startServices((parts) => [ssmService(parts)], folder);
    const read = new GetParameterCommand({ Name: '/s', WithDecryption: true });
    expect((await new SSMClient(after.operator).send(read)).Parameter?.Value).toBe('find-me-if-you-can');
    await after.close();
  });
});

describe('several parameters', () => {
  it('are read by name, the unknown ones named', async () => {
    await put('/many/a', 'a');
    const answer = await ssm.send(new GetParametersCommand({ Names: ['/many/a', '/many/none'] }));
    expect(answer.Parameters?.map(({ Value }) => Value)).toEqual(['a']);
    expect(answer.InvalidParameters).toEqual(['/many/none']);
  });

  it('are read by path, a level or all of them, in pages', async () => {
    for (let n = 0; n < 13; n++) await put(`/tree/leaf-${n}`, `${n}`);
    await put('/tree/branch/leaf', 'deep');
    await put('/treetop', 'other');
    const read = async (Recursive: boolean) => {
      const names = [];
      for await (const { Parameters = [] } of paginateGetParametersByPath(
        { client: ssm },
        { Path: '/tree', Recursive },
      ))
        names.push(...Parameters.map(({ Name }) => Name));
      return names;
    };
    expect(new Set(await read(false)).size).toBe(13);
    expect(await read(true)).toHaveLength(14);
    const { Parameters, NextToken } = await ssm.send(new GetParametersByPathCommand({ Path: '/tree', MaxResults: 3 }));
    expect(Parameters).toHaveLength(3);
    expect(NextToken).toBeDefined();
  });
});

describe('authorisation', () => {
  const arn = (name: string) => `arn:aws:ssm:us-east-1:000000000000:parameter/${name}`;

  it('is by parameter', async () => {
    await put('/auth/open', '1');
    await put('/auth/closed', '1');
    const reader = new SSMClient(
      await services.role('reader', [
        { Action: ['ssm:GetParameter', 'ssm:GetParameters'], Resource: arn('auth/open') },
      ]),
    );
    await reader.send(new GetParameterCommand({ Name: '/auth/open' }));
    await expect(reader.send(new GetParameterCommand({ Name: '/auth/closed' }))).rejects.toThrow(
      `ssm:GetParameter on resource: ${arn('auth/closed')}`,
    );
    await expect(reader.send(new GetParametersCommand({ Names: ['/auth/open', '/auth/closed'] }))).rejects.toThrow(
      `ssm:GetParameters on resource: ${arn('auth/closed')}`,
    );
  });

  it('does not tell who may not read whether there is something to read', async () => {
    const stranger = new SSMClient(await services.role('stranger', []));
    await expect(stranger.send(new GetParameterCommand({ Name: '/auth/none' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
