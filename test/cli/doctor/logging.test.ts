import { GetV2LoggingOptionsCommand, IoTServiceException, NotConfiguredException } from '@aws-sdk/client-iot';
import { beforeEach, expect, test } from 'vitest';
import { iot } from '../deployed.ts';
import { doctor, findingsIn, healthyFleet } from './fleet.ts';

/* What doctor says about the logs of AWS IoT: never a problem. */

const ROLE = 'arn:aws:iam::111122223333:role/logs';
const notConfigured = () => new NotConfiguredException({ message: 'not configured', $metadata: {} });

beforeEach(() => healthyFleet());

test('where they are on, nothing', async () => {
  iot.on(GetV2LoggingOptionsCommand).resolves({ roleArn: ROLE, defaultLogLevel: 'WARN', disableAllLogs: false });
  const found = await doctor();
  expect({ code: found.code, findings: findingsIn(found) }).toEqual({ code: 0, findings: [] });
});

test.each([
  { defaultLogLevel: 'DISABLED' as const, disableAllLogs: false },
  { defaultLogLevel: 'ERROR' as const, disableAllLogs: true },
])('where somebody has switched them off (%j), how to switch them on', async (options) => {
  iot.on(GetV2LoggingOptionsCommand).resolves({ roleArn: ROLE, ...options });
  const found = await doctor();
  expect(found.code).toBe(0);
  expect(findingsIn(found)).toEqual([
    '- the logs of AWS IoT are off, and nothing else names an error in the SQL of a rule; to switch them on, run: ' +
      `aws iot set-v2-logging-options --role-arn ${ROLE} --default-log-level ERROR --no-disable-all-logs`,
  ]);
});

test('where they never were on, also how to make the role that they need', async () => {
  iot.on(GetV2LoggingOptionsCommand).rejects(notConfigured());
  const found = await doctor();
  expect(found.code).toBe(0);
  expect(findingsIn(found)).toEqual([
    expect.stringMatching(
      /run: aws iam create-role --role-name aws-iot-logs .* && aws iam attach-role-policy .*\/AWSIoTLogging && aws iot set-v2-logging-options .* --default-log-level ERROR/,
    ),
  ]);
});

test('where nobody may ask, that it is unknown; and all else is examined', async () => {
  iot.on(GetV2LoggingOptionsCommand).rejects(
    new IoTServiceException({
      name: 'AccessDeniedException',
      message: 'User: ci is not authorized to perform: iot:GetV2LoggingOptions',
      $fault: 'client',
      $metadata: {},
    }),
  );
  const found = await doctor();
  expect(found.code).toBe(0);
  expect(findingsIn(found)).toEqual([
    '- not known: whether the logs of AWS IoT are on; AWS does not allow this user iot:GetV2LoggingOptions',
  ]);
  expect(found.stdout).toContain('2 devices, nothing wrong');
});
