import { CreatePolicyCommand, IoTClient } from '@aws-sdk/client-iot';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, memoryLog, startCloud } from '../../src/cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';

let cloud: Cloud;
let ssm: SSMClient;
let iot: IoTClient;

function useCloud(name: 'aws' | 'quick'): void {
  beforeAll(async () => {
    cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), pace: { name } });
    [ssm, iot] = [new SSMClient(cloudClient(cloud)), new IoTClient(cloudClient(cloud))];
  });
  afterAll(() => cloud.close());
}

const put = (name: string, client = ssm) =>
  client.send(new PutParameterCommand({ Name: name, Value: 'x', Type: 'String', Overwrite: true }));

interface Refusal extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

/** Makes so many calls at once. @returns how many passed, what the others said, and the seconds it took */
async function atOnce(count: number, call: (n: number) => Promise<unknown>) {
  const began = performance.now();
  const results = await Promise.allSettled(Array.from({ length: count }, (_, n) => call(n)));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Refusal] : []));
  return {
    passed: count - refused.length,
    errors: new Set(refused.map(({ name, message, $metadata }) => `${name} ${$metadata.httpStatusCode} ${message}`)),
    seconds: (performance.now() - began) / 1000,
  };
}

/** What may pass of calls at once: the burst, and what came in while they were made. */
const within = (burst: number, perSecond: number, seconds: number) => (passed: number) =>
  passed >= burst && passed <= burst + Math.ceil(perSecond * seconds);

describe('by the pace of AWS', () => {
  useCloud('aws');

  it.each([
    ['PutParameter', 20, 3, (n: number) => put(`/put/${n}`)],
    [
      'DeleteParameter',
      20,
      3,
      // A parameter that there is not is found missing after the limit was asked.
      (n: number) => ssm.send(new DeleteParameterCommand({ Name: `/nothing/${n}` })).catch(unlessThrottled),
    ],
    [
      'GetParameter and GetParameters together',
      40,
      40,
      (n: number) =>
        n % 2
          ? ssm.send(new GetParameterCommand({ Name: '/nothing' })).catch(unlessThrottled)
          : ssm.send(new GetParametersCommand({ Names: ['/nothing'] })),
    ],
    [
      'iot:CreatePolicy',
      10,
      10,
      (n: number) =>
        iot.send(
          new CreatePolicyCommand({
            policyName: `p${n}`,
            policyDocument: '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
          }),
        ),
    ],
  ])('%s: %i at once, then %i a second', async (_name, burst, perSecond, call) => {
    const { passed, errors, seconds } = await atOnce(5 * burst, call);
    expect(passed).toSatisfy(within(burst, perSecond, seconds));
    expect([...errors]).toEqual(['ThrottlingException 400 Rate exceeded']);
  });

  it('an SDK that tries again gets through, as fast as the limit lets it', async () => {
    await atOnce(40, (n) => put(`/empty/${n}`));
    const patient = new SSMClient({ ...cloudClient(cloud), maxAttempts: 12 });
    const { passed, seconds } = await atOnce(9, (n) => put(`/patient/${n}`, patient));
    expect(passed).toBe(9);
    expect(seconds).toBeGreaterThan(2);
  });
});

describe('by the quick pace', () => {
  useCloud('quick');

  it('nothing is throttled', async () => {
    expect(await atOnce(100, (n) => put(`/put/${n}`))).toMatchObject({ passed: 100 });
  });
});

function unlessThrottled(error: Error): void {
  if (error.name === 'ThrottlingException') throw error;
}
