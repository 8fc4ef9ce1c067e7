import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { type Finished, run } from '../../testing/cloud/process.ts';

/*
 * Clients that nobody here wrote, as people use them from a shell: Debian's awscli and mosquitto_pub.
 */

function installed(command: string): string | undefined {
  // Debian's own first: a `aws` from elsewhere on the PATH may be another generation.
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return folders
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
const aws = installed('aws');
const mosquittoPub = installed('mosquitto_pub');
const missing = [...(aws ? [] : ['awscli']), ...(mosquittoPub ? [] : ['mosquitto-clients'])];
const skip = missing.length > 0 && process.env.CI !== 'true';
if (skip) console.warn(`skipped: clients from a shell; to run them: sudo apt-get install ${missing.join(' ')}`);

describe.skipIf(skip)('clients from a shell', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    expect(missing, 'Debian packages that CI must install').toEqual([]);
    deployment = await startDeployment();
    const deployed = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(deployed.code, deployed.stderr).toBe(0);
    for (const device of ['kitchen-sensor', 'garage-door'])
      await deployment.fleet('secrets', device, '--pem', join(deployment.folder, device));
  });
  afterAll(() => deployment?.close());

  const awsJson = async (...args: string[]): Promise<unknown> => {
    // Debian's 2.9 does not know AWS_ENDPOINT_URL.
    const { code, stdout, stderr } = await run(
      aws ?? '',
      ['--endpoint-url', deployment.cloud.endpoint, '--output', 'json', ...args],
      { env: deployment.cloud.environment },
    );
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  const publish = (
    device: string,
    { id = device, topic = `rtjm/${device}/telemetry`, message = '{}', pems = true, ca = true } = {},
  ): Promise<Finished> => {
    const folder = join(deployment.folder, device);
    return run(mosquittoPub ?? '', [
      ...['-h', 'localhost', '-p', String(deployment.cloud.mqttPort), '-q', '1', '-i', id, '-t', topic, '-m', message],
      ...(ca ? ['--cafile', join(folder, 'root-ca.pem')] : []),
      ...(pems ? ['--cert', join(folder, 'certificate.pem'), '--key', join(folder, 'private-key.pem')] : []),
    ]);
  };

  it('aws iot list-things and get-policy answer what was deployed', async () => {
    const { things } = (await awsJson('iot', 'list-things')) as { things: { thingName: string }[] };
    expect(things.map(({ thingName }) => thingName).sort()).toEqual(['garage-door', 'kitchen-sensor']);
    const policy = (await awsJson('iot', 'get-policy', '--policy-name', 'kitchen-sensor')) as {
      policyDocument: string;
    };
    expect(policy.policyDocument).toContain('topic/rtjm/kitchen-sensor/*');
  });

  it('the commands by which doctor switches on the logs of AWS IoT do so', async () => {
    const { stdout: found } = await deployment.fleet('doctor');
    const commands = /the logs of AWS IoT are off, .*, run: (.*)$/m.exec(found)?.[1] ?? '';
    const known = `aws() { ${aws} --endpoint-url ${deployment.cloud.endpoint} "$@"; }`;
    const { code, stderr } = await run('sh', ['-c', `${known}; ${commands}`], { env: deployment.cloud.environment });
    expect(code, stderr).toBe(0);
    expect(await awsJson('iot', 'get-v2-logging-options')).toEqual({
      roleArn: 'arn:aws:iam::000000000000:role/aws-iot-logs',
      defaultLogLevel: 'ERROR',
      disableAllLogs: false,
    });
    expect((await deployment.fleet('doctor')).stdout).not.toContain('logs of AWS IoT');
  });

  it('mosquitto_pub publishes with the emitted PEMs and aws dynamodb scan shows the row', async () => {
    const before = Date.now();
    expect((await publish('kitchen-sensor', { message: '{"temperature":21.5}' })).code).toBe(0);
    const after = Date.now();
    const { TableNames } = (await awsJson('dynamodb', 'list-tables')) as { TableNames: string[] };
    const { Items } = (await awsJson('dynamodb', 'scan', '--table-name', TableNames[0] ?? '')) as {
      Items: Record<string, { S?: string; N?: string }>[];
    };
    expect(Items).toHaveLength(1);
    expect(Items[0]).toMatchObject({
      device: { S: 'kitchen-sensor' },
      full_topic: { S: 'rtjm/kitchen-sensor/telemetry' },
      temperature: { N: '21.5' },
    });
    expect(Number(Items[0]?.received?.N)).toBeGreaterThanOrEqual(before);
    expect(Number(Items[0]?.received?.N)).toBeLessThanOrEqual(after);
  });

  it.each([
    ["to another device's topic", () => publish('kitchen-sensor', { topic: 'rtjm/garage-door/telemetry' })],
    ["with another device's client id", () => publish('kitchen-sensor', { id: 'garage-door' })],
    ['without a certificate', () => publish('kitchen-sensor', { pems: false })],
  ])('mosquitto_pub is cut off %s', async (_, attempt) => {
    expect((await attempt()).code).not.toBe(0);
  });

  it('mosquitto_pub is cut off after fleet revoke', async () => {
    expect((await deployment.fleet('revoke', 'kitchen-sensor', '--yes')).code).toBe(0);
    expect((await publish('kitchen-sensor')).code).not.toBe(0);
    expect((await publish('garage-door')).code).toBe(0);
  });
});
