import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { OwnershipTokens } from '../../src/iot/provisioning/ownership-tokens.ts';
import { Registry } from '../../src/iot/registry/registry.ts';
import { memoryLog } from '../../src/log.ts';
import { quickPace } from '../../src/pace/pace.ts';
import { DEFAULT_READINGS, type Readings } from '../../src/readings.ts';
import { State } from '../../src/state/state.ts';
import { ACCOUNT } from './iot-cloud.ts';
import { claim, cloud, obtain, register, restart, start, status } from './provisioning-cloud.ts';
import { again, provision } from './provisioning-requests.ts';

const WITHIN = { timeout: 30_000 };

describe('the ownership token', () => {
  afterEach(() => cloud.stop());

  /** What becomes of it over another connection, and when it has been used. */
  async function outcomes(reading: Readings['ownership-token']): Promise<Record<string, string>> {
    const client = await start({ 'ownership-token': reading });
    const thief = await cloud.connect(claim, 'claim-2');
    const [stolen, own] = [await obtain(client), await obtain(client)];
    const both = await Promise.all([
      register(thief, stolen.token, { device: 'thief' }),
      register(client, own.token, { device: 'kitchen' }),
    ]);
    const twice = await again(client, provision('boards'), {
      certificateOwnershipToken: own.token,
      parameters: { device: 'kitchen' },
    });
    expect(both[1].outcome).toBe('accepted');
    return { foreign: both[0].outcome, twice: twice.outcome };
  }

  it.each([
    ['whoever', { foreign: 'accepted', twice: 'accepted' }],
    ['same-connection', { foreign: 'rejected', twice: 'accepted' }],
    ['once', { foreign: 'accepted', twice: 'rejected' }],
  ] as const)('is good for %s, as the reading says', async (reading, expected) => {
    expect(await outcomes(reading)).toEqual(expected);
  });

  it('attaches a certificate to one thing alone, where the template says exclusively', async () => {
    const client = await start();
    const { token } = await obtain(client);
    await register(client, token, { device: 'kitchen' });
    const { body } = await register(client, token, { device: 'garage' });
    expect(body).toMatchObject({ statusCode: 400, errorCode: 'InvalidRequest' });
    expect(body.errorMessage).toContain('it is attached to board-kitchen as EXCLUSIVE_THING');
  });

  it('expires, and what it was for is deleted unless it is provisioned', async () => {
    const client = await start(undefined, undefined, 1);
    const [used, unused, inactive] = [await obtain(client), await obtain(client), await obtain(client)];
    await register(client, used.token);
    await cloud.call('UpdateCertificate', { certificateId: inactive.certificateId, newStatus: 'ACTIVE' });
    for (const { certificateId } of [unused, inactive])
      await vi.waitFor(() => expect(status(certificateId)).rejects.toThrow('does not exist'), WITHIN);
    expect(await status(used.certificateId)).toBe('ACTIVE');
    for (const { token } of [unused, used]) {
      expect((await register(client, token)).body.errorCode).toBe('InvalidCertificateOwnershipToken');
      expect(cloud.log.lines.join()).not.toContain(token);
    }
    expect(cloud.log.lines).toContain(
      `the certificate ${unused.certificateId} is deleted: it was not provisioned while its token was valid`,
    );
  });

  it('outlives a restart, and expires in time whether the cloud runs or not', async () => {
    const state = await State.open();
    const first = await start(undefined, state);
    const [used, unused] = [await obtain(first), await obtain(first)];
    await restart(state);
    const client = await cloud.connect(claim, 'claim-1');
    expect((await register(client, used.token)).outcome).toBe('accepted');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
    onTestFinished(() => void vi.useRealTimers());
    await restart(state);
    await vi.waitFor(() => expect(status(unused.certificateId)).rejects.toThrow('does not exist'), WITHIN);
    expect(await status(used.certificateId)).toBe('ACTIVE');
  });
});

it('an ownership token is taken while it provisions a device, where it may be used once, and free again when that failed', async () => {
  const readings = { ...DEFAULT_READINGS, 'ownership-token': 'once' } as const;
  const state = await State.open();
  const registry = new Registry(state, ACCOUNT, quickPace());
  const tokens = new OwnershipTokens({ state, registry, readings, log: memoryLog(), seconds: 3600 });
  onTestFinished(() => tokens.close());
  const connection = {};
  const token = tokens.give('a-certificate', connection);
  const failing = tokens.use(token, connection);
  expect(() => tokens.use(token, connection)).toThrow('The token was used before.');
  failing.end();
  const use = tokens.use(token, connection);
  use.succeeded();
  use.end();
  expect(() => tokens.use(token, connection)).toThrow('The token was used before.');
});
