import { afterEach, beforeEach, expect, it } from 'vitest';
import { IotCloud } from './iot-cloud.ts';

let cloud: IotCloud;
beforeEach(async () => {
  cloud = await IotCloud.start();
});
afterEach(() => cloud.stop());

const ROLE = 'arn:aws:iam::123456789012:role/logs';
const set = (input: object) => cloud.call('SetV2LoggingOptions', input);
const get = () => cloud.call('GetV2LoggingOptions');

it('knows of no logs until somebody switches them on', async () => {
  await expect(get()).rejects.toMatchObject({ code: 'NotConfiguredException' });
  await set({ roleArn: ROLE, defaultLogLevel: 'ERROR' });
  expect(await get()).toEqual({ roleArn: ROLE, defaultLogLevel: 'ERROR', disableAllLogs: false });
});

it('changes what is given, and leaves the rest', async () => {
  await set({ roleArn: ROLE, defaultLogLevel: 'ERROR' });
  await set({ disableAllLogs: true });
  expect(await get()).toEqual({ roleArn: ROLE, defaultLogLevel: 'ERROR', disableAllLogs: true });
});

it.each([
  [{ defaultLogLevel: 'ERROR' }, 'roleArn is missing'],
  [{ roleArn: ROLE, defaultLogLevel: 'LOUD' }, 'LOUD'],
  [{ roleArn: ROLE, eventConfigurations: [] }, 'eventConfigurations'],
])('refuses %j', async (input, words) => {
  await expect(set(input)).rejects.toThrow(words);
  await expect(get()).rejects.toMatchObject({ code: 'NotConfiguredException' });
});

it('wants iam:PassRole on the role', async () => {
  const iam = (operation: string, input: object) => cloud.dispatcher.invoke(cloud.operator, 'iam', operation, input);
  const Statement = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
  await iam('CreateRole', { RoleName: 'someone', AssumeRolePolicyDocument: JSON.stringify({ Statement }) });
  await iam('PutRolePolicy', {
    RoleName: 'someone',
    PolicyName: 'someone',
    PolicyDocument: JSON.stringify({ Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' } }),
  });
  const someone = cloud.iam.session(cloud.iam.role('someone'), 'test');
  const call = cloud.call('SetV2LoggingOptions', { roleArn: ROLE, defaultLogLevel: 'ERROR' }, someone);
  await expect(call).rejects.toMatchObject({ code: 'AccessDeniedException' });
  expect(cloud.log.refusals.at(-1)).toMatchObject({ action: 'iam:PassRole', resource: ROLE });
});
