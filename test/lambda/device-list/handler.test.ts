import { duringNextPause } from '../device-certificate/quick-pauses.ts';
import { ServiceUnavailableException } from '@aws-sdk/client-iot';
import { S3Client } from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { handler } from '../../../lambda/device-list/handler.ts';
import { FakeAws, FakeCertificate } from '../device-certificate/fake-aws.ts';

/* The custom resource of a site whose devices are a list: what it makes of the table, and of what boards have got by it. */

const ID = 'ListResource';
const POLICY = 'Devices-field';

let aws: FakeAws;
let csv: string;
beforeEach(() => {
  aws = new FakeAws();
  mockClient(S3Client).send.callsFake(() => ({ Body: { transformToString: async () => csv } }) as never);
});

type Type = CloudFormationCustomResourceEvent['RequestType'];

/** Runs the function as Lambda would, while CloudFormation waits for it. */
async function deploy(RequestType: Type, status = `${RequestType.toUpperCase()}_IN_PROGRESS`) {
  aws.resources.set(ID, { status, physicalId: ID });
  let answer: unknown;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (_, init) => {
    answer = JSON.parse(init?.body as string);
    return new Response();
  });
  const event = {
    RequestType,
    RequestId: 'request-1',
    StackId: 'stack-1',
    LogicalResourceId: ID,
    ResponseURL: 'https://cloudformation.example/answer',
    ResourceProperties: { site: 'field', bucket: 'assets', key: 'list.csv' },
    ...(RequestType !== 'Create' && { PhysicalResourceId: ID }),
  };
  const context = { getRemainingTimeInMillis: () => 900_000 };
  await handler(event as unknown as CloudFormationCustomResourceEvent, context);
  return answer as { readonly Status: string; readonly Reason?: string };
}

const SUCCESS = expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: ID }) as object;
const list = (...lines: string[]) => void (csv = ['name,board,generation,revoked', ...lines].join('\n'));
const line = (device: string, texts: Record<string, string> = {}) =>
  aws.table.put(device, { site: 'field', board: 'esp32', declared: '1', wants: '1', ...texts });
const texts = (device: string) => aws.table.texts(device);

/** The board of a device has enrolled. */
function enrolled(device: string, certificate = new FakeCertificate()): FakeCertificate {
  certificate.status = 'ACTIVE';
  certificate.things.add(device);
  certificate.policies.add(POLICY);
  aws.certificates.push(certificate);
  aws.things.set(device, { attributes: { device }, version: 1 });
  line(device, { has: `1:${certificate.id}` });
  return certificate;
}

test('a list that is new puts a line for each device', async () => {
  list('one,esp32,,', 'two,esp8266,3,', 'three,esp32-c3,,true');
  expect(await deploy('Create')).toEqual(SUCCESS);
  expect(['one', 'two', 'three'].map(texts)).toEqual([
    { device: 'one', site: 'field', board: 'esp32', declared: '1', wants: '1' },
    { device: 'two', site: 'field', board: 'esp8266', declared: '3', wants: '3' },
    { device: 'three', site: 'field', board: 'esp32-c3', declared: 'revoked', wants: 'revoked' },
  ]);
});

test('a list that has changed changes what differs, and nothing of other lines and sites', async () => {
  const stays = { has: `1:${'a'.repeat(64)}`, code: `${'b'.repeat(64)}:1` };
  line('same', stays);
  line('other', { site: 'garden', ...stays });
  line('raised', stays);
  const [same, other, raised] = ['same', 'other', 'raised'].map(texts);
  list('same,esp32,,', 'raised,esp32-s3,2,', 'new,esp32,,');
  expect(await deploy('Update')).toEqual(SUCCESS);
  expect([texts('same'), texts('other')]).toEqual([same, other]);
  expect(texts('raised')).toEqual({ ...raised, board: 'esp32-s3', declared: '2', wants: '2' });
  expect(texts('new')).toMatchObject({ wants: '1' });
  expect(aws.table.items.get('same')?.version).toEqual({ N: '1' });
});

test('what "fleet revoke" has done is not taken back by a list that does not say so', async () => {
  line('stolen', { wants: 'revoked' });
  list('stolen,esp8266,,');
  expect(await deploy('Update')).toEqual(SUCCESS);
  expect(texts('stolen')).toMatchObject({ board: 'esp8266', declared: '1', wants: 'revoked' });
});

test('a line that is revoked lets nobody in any more, and then revokes what there is, what is about to come included', async () => {
  const had = enrolled('stolen');
  let late: FakeCertificate | undefined;
  duringNextPause(async () => {
    expect(texts('stolen')?.wants).toBe('revoked');
    late = new FakeCertificate();
    late.things.add('stolen');
    aws.certificates.push(late);
  });
  list('stolen,esp32,,true');
  expect(await deploy('Update')).toEqual(SUCCESS);
  expect([had.status, late?.status]).toEqual(['REVOKED', 'REVOKED']);
  expect(texts('stolen')).toMatchObject({ declared: 'revoked', wants: 'revoked' });
});

test('with a line that is gone go its certificates and its thing; a thing that no enrolment has made stays', async () => {
  const stays = enrolled('stays');
  enrolled('goes');
  enrolled('goes');
  line('waits');
  aws.things.set('waits', { attributes: {}, version: 1 });
  list('stays,esp32,,');
  expect(await deploy('Update')).toEqual(SUCCESS);
  expect(aws.certificates).toEqual([stays]);
  expect([...aws.things.keys()]).toEqual(['stays', 'waits']);
  expect([...aws.table.items.keys()]).toEqual(['stays']);
});

test('a site that goes takes all its devices along, and waits until its policy can go', async () => {
  enrolled('one');
  line('two');
  line('other', { site: 'garden' });
  aws.policyLag = 3;
  expect(await deploy('Delete')).toEqual(SUCCESS);
  expect([aws.certificates, [...aws.things], [...aws.table.items.keys()]]).toEqual([[], [], ['other']]);
  expect([aws.policyLag < 0, [...aws.policies]]).toEqual([true, []]);
});

describe('nothing is changed', () => {
  const untouched = async (type: Type, status?: string) => {
    const before = structuredClone([...aws.table.items]);
    const answer = await deploy(type, status);
    expect([...aws.table.items]).toEqual(before);
    expect(aws.calls.filter((call) => /^(?:Put|Update|Delete|Detach)/.test(call))).toEqual([]);
    return answer;
  };

  test('when a device still belongs to another site', async () => {
    line('one', { site: 'garden' });
    list('one,esp32,,', 'two,esp32,,');
    expect((await untouched('Create')).Reason).toContain('device "one" of this list still belongs to the site garden');
  });

  test.each([[4_001, 'Error: boards to be revoked or removed: 4001; allowed: 4000 a deployment; nothing was changed']])(
    'when %d boards would go',
    async (count, reason) => {
      aws.table.pageSize = 3_000;
      for (let index = 0; index < count; index++) line(`board-${index}`, { has: `1:${'a'.repeat(64)}` });
      list();
      expect((await untouched('Update')).Reason).toContain(reason);
    },
  );

  test('when more lines are new than can be written', async () => {
    list(...Array.from({ length: 50_001 }, (_, index) => `board-${index},esp32,,`));
    expect((await untouched('Create')).Reason).toContain('lines that are new, changed or gone: 50001; allowed: 50000');
  });

  test('when the list cannot be read', async () => {
    list('one,esp64,,');
    expect(await untouched('Update')).toMatchObject({ Status: 'FAILED' });
  });

  test.each([
    ['Create', 'DELETE_IN_PROGRESS', 'FAILED'],
    ['Update', 'UPDATE_COMPLETE', 'SUCCESS'],
    ['Delete', 'DELETE_COMPLETE', 'SUCCESS'],
  ] as const)('when CloudFormation does not wait for the %s any more', async (type, status, Status) => {
    line('one');
    list('two,esp32,,');
    expect(await untouched(type, status)).toMatchObject({ Status });
  });
});

test('a creation that CloudFormation gives up meanwhile takes back what it has put', async () => {
  list('one,esp32,,', 'two,esp32,,');
  aws.watch = () => {
    if (aws.calls.at(-1) === 'PutItem') aws.resources.set(ID, { status: 'DELETE_IN_PROGRESS', physicalId: ID });
  };
  expect(await deploy('Create')).toMatchObject({ Status: 'FAILED' });
  expect([...aws.table.items]).toEqual([]);
});

test('whatever call fails, before it takes effect or after: the next try finishes it', async () => {
  const change = async () => {
    list('stays,esp32,,', 'raised,esp32,2,', 'stolen,esp32,,true', 'new,esp32,,');
    return deploy('Update');
  };
  const begin = () => {
    [aws.certificates, aws.things, aws.table.items].forEach((all) =>
      Array.isArray(all) ? all.splice(0) : all.clear(),
    );
    aws.calls = [];
    line('raised');
    const kept = { stays: enrolled('stays'), stolen: enrolled('stolen') };
    enrolled('goes');
    line('goes', { has: `1:${'c'.repeat(64)}` }); // what was admitted last was deleted by hand
    return kept;
  };
  begin();
  await change();
  const { length } = aws.calls;
  expect(length).toBeGreaterThan(20);
  for (let failing = 1; failing <= length; failing++) {
    for (const moment of ['before', 'after'] as const) {
      const { stays, stolen } = begin();
      let hasFailed = false;
      aws.fault = (_, when) => {
        if (hasFailed || when !== moment || aws.calls.length !== failing) return;
        hasFailed = true;
        // A refusal, which is not tried again by itself.
        throw Object.assign(new ServiceUnavailableException({ $metadata: {}, message: 'it fails' }), {
          $fault: 'client',
        });
      };
      await change();
      aws.fault = () => undefined;
      expect(await change(), `call ${failing}, ${moment}`).toEqual(SUCCESS);
      expect(aws.certificates).toEqual([stays, stolen]);
      expect([stays.status, stolen.status]).toEqual(['ACTIVE', 'REVOKED']);
      expect([...aws.things.keys()]).toEqual(['stays', 'stolen']);
      expect(['stays', 'raised', 'stolen', 'new'].map((device) => texts(device)?.declared)).toEqual([
        ...['1', '2', 'revoked', '1'],
      ]);
      expect(aws.table.items.size).toBe(4);
    }
  }
});
