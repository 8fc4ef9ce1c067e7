import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { handler, type HookAnswer } from '../../../lambda/enrolment/handler.ts';
import { certificateRequest } from '../../../aws/new-key.ts';
import { codeHash, codeText } from '../../../lib/fleet/enrolment.ts';
import { FakeAws, FakeCertificate, issue } from '../device-certificate/fake-aws.ts';

/* What the hook of the provisioning template answers. */

const CODE = 'ABCDEFGHJKLMNPQRSTUV';
const CLAIM = 'c'.repeat(64);
const HOUR = 3_600;
const now = () => Math.floor(Date.now() / 1_000);

/** A board with a key of its own; each request gets another certificate for it. */
class Board {
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();

  async certificate(): Promise<FakeCertificate> {
    const certificate = new FakeCertificate();
    certificate.pem = await issue(await certificateRequest(this.#key, 'a board'));
    certificate.status = 'PENDING_ACTIVATION';
    aws.certificates.push(certificate);
    return certificate;
  }
}

let aws: FakeAws;
let logged: string[];
beforeEach(() => {
  aws = new FakeAws();
  logged = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void logged.push(line));
});

const ADMITTED = { allowProvisioning: true, parameterOverrides: { thing: 'shed', policy: 'shed' } };
const REFUSED = { allowProvisioning: false };

function thingSays(attributes: Record<string, string>, name = 'shed'): void {
  aws.things.set(name, { attributes, version: 1 });
}

const EXPIRES = now() + HOUR;
const codeFor = (code = CODE, expires = EXPIRES) => codeText({ hash: codeHash(code), expires });

/** As AWS IoT calls it for a board. */
async function ask(
  certificate: FakeCertificate,
  parameters: Record<string, string>,
  claimCertificateId = CLAIM,
): Promise<HookAnswer> {
  return handler({
    claimCertificateId,
    certificateId: certificate.id,
    certificatePem: certificate.pem,
    clientId: 'Enrolment-1',
    parameters,
  });
}

const reason = () => (JSON.parse(logged.at(-1) ?? '{}') as { refused?: string }).refused;

describe('a board with the code of its device', () => {
  beforeEach(() => thingSays({ wants: '1', code: codeFor() }));

  test('is admitted, and that is written down before the answer', async () => {
    const certificate = await new Board().certificate();
    const code = aws.things.get('shed')?.attributes.code;
    expect(await ask(certificate, { device: 'shed', code: CODE })).toEqual(ADMITTED);
    expect(aws.things.get('shed')?.attributes).toEqual({
      wants: '1',
      has: `1:${certificate.id}`,
      code: expect.stringMatching(new RegExp(`^${code}:[0-9a-f]{32}$`)) as string,
    });
  });

  test('is admitted again with the same key, as when an answer was lost', async () => {
    const board = new Board();
    await ask(await board.certificate(), { device: 'shed', code: CODE });
    const second = await board.certificate();
    expect(await ask(second, { device: 'shed', code: CODE })).toEqual(ADMITTED);
    expect(aws.things.get('shed')?.attributes.has).toBe(`1:${second.id}`);
  });

  test('that is admitted again has one certificate that works, not two', async () => {
    const board = new Board();
    const first = await board.certificate();
    await ask(first, { device: 'shed', code: CODE });
    first.status = 'ACTIVE';
    first.things.add('shed');
    await ask(await board.certificate(), { device: 'shed', code: CODE });
    expect(first.status).toBe('INACTIVE');
  });

  test('of a device that has an identity leaves that alone, until the new one is used', async () => {
    const old = await new Board().certificate();
    old.status = 'ACTIVE';
    old.things.add('shed');
    thingSays({ wants: '1', has: `1:${old.id}`, code: codeFor() });
    expect(await ask(await new Board().certificate(), { device: 'shed', code: CODE })).toEqual(ADMITTED);
    expect(old.status).toBe('ACTIVE');
  });

  test('ends the code for every other key', async () => {
    await ask(await new Board().certificate(), { device: 'shed', code: CODE });
    const before = structuredClone(aws.things.get('shed'));
    expect(await ask(await new Board().certificate(), { device: 'shed', code: CODE })).toEqual(REFUSED);
    expect(reason()).toBe('the code was used by another key');
    expect(aws.things.get('shed')).toEqual(before);
  });

  test('is one, of two keys that ask at once', async () => {
    const boards = await Promise.all([new Board().certificate(), new Board().certificate()]);
    let isRead = () => undefined as void;
    const read = new Promise<void>((resolve) => (isRead = resolve));
    let reads = 0;
    aws.turn = (action) => (action === 'UpdateThing' ? read : undefined);
    aws.watch = () => {
      if (aws.calls.at(-1) === 'DescribeThing' && ++reads === 2) isRead();
    };
    const answers = await Promise.all(boards.map((board) => ask(board, { device: 'shed', code: CODE })));
    expect(answers.filter(({ allowProvisioning }) => allowProvisioning)).toHaveLength(1);
    expect(logged.filter((line) => line.includes('at the same time'))).toHaveLength(1);
  });

  test('loses against a revocation that comes between', async () => {
    const certificate = await new Board().certificate();
    aws.watch = () => {
      const thing = aws.things.get('shed');
      if (aws.calls.at(-1) !== 'DescribeThing' || thing?.version !== 1) return;
      aws.things.set('shed', { attributes: { ...thing.attributes, wants: 'revoked' }, version: 2 });
    };
    expect(await ask(certificate, { device: 'shed', code: CODE })).toEqual(REFUSED);
    expect(aws.things.get('shed')?.attributes.has).toBeUndefined();
  });

  test('finds no code in the log', async () => {
    await ask(await new Board().certificate(), { device: 'shed', code: CODE });
    await ask(await new Board().certificate(), { device: 'shed', code: 'WRNGWRNGWRNGWRNGWRNG' });
    expect(logged).toHaveLength(2);
    expect(logged.join()).not.toMatch(/ABCDEFGHJ|WRNGWRNG/);
  });

  test.each([
    ['a guessed code', { device: 'shed', code: 'BBCDEFGHJKLMNPQRSTUV' }, 'the code is wrong'],
    ['its beginning', { device: 'shed', code: CODE.slice(0, 19) }, 'the code is wrong'],
    ['no code', { device: 'shed' }, 'it gives no code, and is not connected as the device'],
    ['no device', { code: CODE }, 'it gives no name of a device'],
    ['a pattern', { device: '*', code: CODE }, 'it gives no name of a device'],
    ['another device', { device: 'attic', code: CODE }, 'there is no such device whose board makes its key'],
    ['what the hook alone may say', { device: 'shed', code: CODE, thing: 'attic' }, 'it gives the parameter "thing"'],
  ])('%s is refused', async (_, parameters: Record<string, string>, why) => {
    const before = structuredClone([...aws.things]);
    expect(await ask(await new Board().certificate(), parameters)).toEqual(REFUSED);
    expect(reason()).toBe(why);
    expect([...aws.things]).toEqual(before);
  });
});

test.each<[string, Record<string, string>, string]>([
  ['a stale code', { wants: '1', code: codeFor(CODE, now() - 1) }, 'the code has expired'],
  ['a device for which nobody made one', { wants: '1' }, 'nobody has made a code for the device'],
  ['a code in another form', { wants: '1', code: 'spoilt' }, 'nobody has made a code for the device'],
  ['a revoked device', { wants: 'revoked', code: codeFor() }, 'the device is revoked'],
  ['a device whose key the deployment makes', { code: codeFor() }, 'there is no such device whose board makes its key'],
])('%s is refused', async (_, attributes, why) => {
  thingSays(attributes);
  expect(await ask(await new Board().certificate(), { device: 'shed', code: CODE })).toEqual(REFUSED);
  expect(reason()).toBe(why);
});

test("another device's code is of no use", async () => {
  thingSays({ wants: '1', code: codeFor() });
  thingSays({ wants: '1', code: codeFor('22222222222222222222') }, 'attic');
  expect(await ask(await new Board().certificate(), { device: 'attic', code: CODE })).toEqual(REFUSED);
});

describe('a board that is connected by the certificate of its device', () => {
  let current: FakeCertificate;
  beforeEach(async () => {
    current = await new Board().certificate();
    current.things.add('shed');
  });
  const change = async () => ask(await new Board().certificate(), { device: 'shed' }, current.id);

  test.each([
    ['a newer generation is wanted', () => ({ wants: '2', has: `1:${current.id}` })],
    ['what it has is not written down any more', () => ({ wants: '1' })],
    ['what was admitted last never came to be attached', () => ({ wants: '1', has: `1:${'d'.repeat(64)}` })],
  ])('is admitted when %s', async (_, attributes) => {
    thingSays(attributes());
    expect(await change()).toEqual(ADMITTED);
    const { wants, has } = aws.things.get('shed')?.attributes ?? {};
    expect(has).toBe(`${wants}:${aws.certificates.at(-1)?.id}`);
  });

  test('is admitted when what was admitted last was attached, and never came to work', async () => {
    const half = await new Board().certificate();
    half.things.add('shed');
    thingSays({ wants: '2', has: `2:${half.id}` });
    expect(await change()).toEqual(ADMITTED);
  });

  describe('asks again with the same key, since its answer came late or never', () => {
    const board = new Board();
    let first: FakeCertificate;
    beforeEach(async () => {
      current.status = 'ACTIVE';
      first = await board.certificate();
      thingSays({ wants: '2', has: `1:${current.id}` });
      expect(await ask(first, { device: 'shed' }, current.id)).toEqual(ADMITTED);
      first.status = 'ACTIVE';
      first.things.add('shed');
    });
    const working = () => aws.certificates.filter(({ status }) => status === 'ACTIVE');

    test('and is admitted: the new certificate replaces the one that was admitted for the key', async () => {
      const second = await board.certificate();
      expect(await ask(second, { device: 'shed' }, current.id)).toEqual(ADMITTED);
      expect(aws.things.get('shed')?.attributes.has).toBe(`2:${second.id}`);
      expect(working()).toEqual([current]); // until the template makes the second one ACTIVE
      expect(first.status).toBe('INACTIVE');
    });

    test('whatever call of the hook fails, at most two ever work, and it is admitted in the end', async () => {
      await ask(await board.certificate(), { device: 'shed' }, current.id);
      const { length } = aws.calls;
      for (let failing = 1; failing <= length; failing++)
        for (const when of ['before', 'after']) {
          for (const one of aws.certificates) if (one !== current) one.status = 'INACTIVE';
          first = await board.certificate();
          first.status = 'ACTIVE';
          first.things.add('shed');
          thingSays({ wants: '2', has: `2:${first.id}` });
          aws.calls = [];
          aws.fault = (_, moment) => {
            if (aws.calls.length === failing && moment === when) throw new Error('lost');
          };
          await ask(await board.certificate(), { device: 'shed' }, current.id).catch(() => undefined);
          aws.fault = () => undefined;
          const last = await board.certificate();
          expect(await ask(last, { device: 'shed' }, current.id), `call ${failing}, ${when}`).toEqual(ADMITTED);
          expect(working()).toEqual([current]);
        }
    });

    test.each<[string, () => Promise<HookAnswer>]>([
      ['another key', async () => ask(await new Board().certificate(), { device: 'shed' }, current.id)],
      ['a claim, even with its key', async () => ask(await board.certificate(), { device: 'shed' })],
      ['the certificate itself', async () => ask(await board.certificate(), { device: 'shed' }, first.id)],
    ])('%s is refused, and ends nothing', async (_, attack) => {
      expect(await attack()).toEqual(REFUSED);
      expect(aws.things.get('shed')?.attributes.has).toBe(`2:${first.id}`);
      expect(working()).toEqual([current, first]);
    });

    test('is refused once the device is revoked, and makes no other certificate than REVOKED ones', async () => {
      thingSays({ wants: 'revoked', has: `2:${first.id}` });
      for (const one of [current, first]) one.status = 'REVOKED';
      expect(await ask(await board.certificate(), { device: 'shed' }, current.id)).toEqual(REFUSED);
      expect([current.status, first.status]).toEqual(['REVOKED', 'REVOKED']);
    });

    test('a request that arrives once more, late, does not end the certificate that came after it', async () => {
      const second = await board.certificate();
      await ask(second, { device: 'shed' }, current.id);
      second.status = 'ACTIVE';
      second.things.add('shed');
      expect(await ask(first, { device: 'shed' }, current.id)).toEqual(REFUSED);
      expect(reason()).toBe('a newer certificate was admitted for the same key');
      expect(await ask(second, { device: 'shed' }, current.id)).toEqual(ADMITTED); // as it is already
      expect(working()).toEqual([current, second]);
    });
  });

  test('is refused when it has what is wanted', async () => {
    current.status = 'ACTIVE';
    thingSays({ wants: '2', has: `2:${current.id}` });
    expect(await change()).toEqual(REFUSED);
    expect(reason()).toBe('the device has a certificate of generation 2, and no newer one is wanted');
  });

  test('is refused when the device is revoked', async () => {
    thingSays({ wants: 'revoked', has: `1:${current.id}` });
    expect(await change()).toEqual(REFUSED);
  });

  test('is refused as another device', async () => {
    thingSays({ wants: '2' }, 'attic');
    expect(await ask(await new Board().certificate(), { device: 'attic' }, current.id)).toEqual(REFUSED);
  });
});

describe('a device that is the line of a list', () => {
  const admitted = { ...ADMITTED, parameterOverrides: { thing: 'shed', policy: 'Devices-field' } };
  const line = (texts: Record<string, string>) =>
    aws.table.put('shed', { site: 'field', board: 'esp32', declared: '1', wants: '1', code: codeFor(), ...texts });

  test('is admitted to the policy of its site, before there is a thing of it, and its line says so', async () => {
    line({});
    const certificate = await new Board().certificate();
    expect(await ask(certificate, { device: 'shed', code: CODE })).toEqual(admitted);
    expect(aws.table.texts('shed')).toEqual({
      ...{ device: 'shed', site: 'field', board: 'esp32', declared: '1', wants: '1', has: `1:${certificate.id}` },
      code: expect.stringMatching(new RegExp(`^${codeFor()}:[0-9a-f]{32}$`)) as string,
    });
    expect(aws.calls).not.toContain('UpdateThing');
  });

  test('is refused without a code, also before there is a thing of it: that is no fault of the hook', async () => {
    line({});
    expect(await ask(await new Board().certificate(), { device: 'shed' })).toEqual(REFUSED);
    expect(reason()).toBe('it gives no code, and is not connected as the device');
  });

  test('is refused where there is a thing of that name, which somebody else has made', async () => {
    line({});
    thingSays({ wants: '1', code: codeFor() });
    expect(await ask(await new Board().certificate(), { device: 'shed', code: CODE })).toEqual(REFUSED);
    expect(reason()).toBe('there is a thing of that name which no board of the device has brought about');
    expect(aws.table.texts('shed')?.has).toBeUndefined();
  });

  test('gets a certificate for another key by the one that it has, once another generation is wanted', async () => {
    const current = await new Board().certificate();
    current.status = 'ACTIVE';
    current.things.add('shed');
    thingSays({ device: 'shed' });
    line({ has: `1:${current.id}` });
    const change = async () => ask(await new Board().certificate(), { device: 'shed' }, current.id);
    expect(await change()).toEqual(REFUSED);
    line({ has: `1:${current.id}`, wants: '2' });
    expect(await change()).toEqual(admitted);
    expect(aws.table.texts('shed')?.has).toBe(`2:${aws.certificates.at(-1)?.id}`);
  });

  test('loses against a revocation that comes between', async () => {
    line({});
    const certificate = await new Board().certificate();
    aws.turn = (action) => {
      if (action === 'UpdateItem') aws.table.put('shed', { ...aws.table.texts('shed'), wants: 'revoked' }, 2);
      return undefined;
    };
    expect(await ask(certificate, { device: 'shed', code: CODE })).toEqual(REFUSED);
    expect(logged.at(-1)).toContain('at the same time');
    expect(await ask(certificate, { device: 'shed', code: CODE })).toEqual(REFUSED);
    expect(reason()).toBe('the device is revoked');
    expect(aws.table.texts('shed')?.has).toBeUndefined();
  });
});

test('of a fleet with a name, the thing and the policy have that in front', async () => {
  vi.stubEnv('FLEET_NAME', 'dev');
  thingSays({ wants: '1', code: codeFor() }, 'dev_shed');
  expect(await ask(await new Board().certificate(), { device: 'shed', code: CODE })).toEqual({
    allowProvisioning: true,
    parameterOverrides: { thing: 'dev_shed', policy: 'dev_shed' },
  });
  vi.unstubAllEnvs();
});

test('what fails at AWS admits nobody, is logged, and counts as an error of the function, which rings', async () => {
  thingSays({ wants: '1', code: codeFor() });
  aws.fault = (action) => {
    if (action === 'UpdateThing') throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
  };
  await expect(ask(await new Board().certificate(), { device: 'shed', code: CODE })).rejects.toThrow('slow down');
  expect(reason()).toBe('ThrottlingException: slow down');
});
