import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeleteCertificateCommand,
  DeletePolicyCommand,
  DeleteThingCommand,
  DetachPolicyCommand,
  DetachThingPrincipalCommand,
  IoTClient,
  ListTargetsForPolicyCommand,
  ListThingPrincipalsV2Command,
} from '@aws-sdk/client-iot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CloudOptions, memoryLog, startCloud } from '../../src/cloud.ts';
import { makeCsr } from '../iot/iot-cloud.ts';
import { cloudClient } from '../support/cloud-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { secondsUntil } from './seconds-until.ts';

async function start(options: CloudOptions): Promise<{ iot: IoTClient; stop: () => Promise<void> }> {
  const cloud = await startCloud({ port: 0, mqttPort: 0, log: memoryLog(), ...options });
  let isRunning = true;
  const stop = async (): Promise<void> => {
    if (isRunning) await cloud.close();
    isRunning = false;
  };
  onTestFinished(stop);
  return { iot: new IoTClient(cloudClient(cloud)), stop };
}

/** A certificate with a policy and a thing, all INACTIVE so that it may be deleted. */
async function device(iot: IoTClient) {
  const { certificateArn: principal = '', certificateId = '' } = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: (await makeCsr()).csr }),
  );
  const policyDocument = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}';
  const [thingName, policyName] = ['thing', 'policy'];
  await iot.send(new CreatePolicyCommand({ policyName, policyDocument }));
  await iot.send(new AttachPolicyCommand({ policyName, target: principal }));
  await iot.send(new CreateThingCommand({ thingName }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
  return { principal, certificateId, thingName, policyName };
}

describe('a policy that was detached', () => {
  it('is listed nowhere at once, and cannot be deleted for five minutes (here 3 s)', async () => {
    const { iot } = await start({ pace: { name: 'aws', divideLags: 100 } });
    const { principal, policyName } = await device(iot);
    await iot.send(new DetachPolicyCommand({ policyName, target: principal }));
    expect((await iot.send(new ListTargetsForPolicyCommand({ policyName }))).targets).toEqual([]);
    await expect(iot.send(new DeletePolicyCommand({ policyName }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      $metadata: { httpStatusCode: 409 },
    });
    expect(
      await secondsUntil(() => iot.send(new DeletePolicyCommand({ policyName })), 'DeleteConflictException'),
    ).toBeGreaterThan(2);
  });

  it('also by the deletion of its certificate, and after a restart', async () => {
    const data = temporaryFolder();
    const pace = { name: 'aws', divideLags: 10 } as const;
    const first = await start({ data, pace });
    const { principal, policyName, thingName, certificateId } = await device(first.iot);
    await first.iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
    await secondsUntil(
      () => first.iot.send(new DeleteCertificateCommand({ certificateId, forceDelete: true })),
      'DeleteConflictException',
    );
    await first.stop();
    const second = await start({ data, pace });
    await expect(second.iot.send(new DeletePolicyCommand({ policyName }))).rejects.toThrow('is attached to');
  });

  it('can be deleted at once by the quick pace', async () => {
    const { iot } = await start({});
    const { principal, policyName } = await device(iot);
    await iot.send(new DetachPolicyCommand({ policyName, target: principal }));
    await iot.send(new DeletePolicyCommand({ policyName }));
  });
});

describe('a certificate that was detached from its thing', () => {
  const pace = { name: 'aws', divideLags: 4 } as const; // 2.5 s

  it.each([
    ['listed', 1],
    ['unlisted', 0],
  ] as const)('hinders the deletion of both for seconds, %s or not', async (reading, listed) => {
    const { iot } = await start({ pace, readings: { 'detaching-thing': reading } });
    const { principal, thingName, policyName, certificateId } = await device(iot);
    await iot.send(new DetachPolicyCommand({ policyName, target: principal }));
    await iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
    const principals = await iot.send(new ListThingPrincipalsV2Command({ thingName }));
    expect(principals.thingPrincipalObjects).toHaveLength(listed);
    await expect(iot.send(new DeleteThingCommand({ thingName }))).rejects.toThrow('still attached');
    await expect(iot.send(new DeleteCertificateCommand({ certificateId }))).rejects.toThrow('Things must be detached');
    expect(
      await secondsUntil(() => iot.send(new DeleteThingCommand({ thingName })), 'InvalidRequestException'),
    ).toBeGreaterThan(1.5);
    await iot.send(new DeleteCertificateCommand({ certificateId }));
  });

  it('stays when it is attached again meanwhile', async () => {
    const { iot } = await start({ pace: { name: 'aws', divideLags: 20 } });
    const { principal, thingName } = await device(iot);
    await iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
    await iot.send(new AttachThingPrincipalCommand({ thingName, principal }));
    await secondsUntil(() => new Promise((resolve) => setTimeout(resolve, 700)));
    const principals = await iot.send(new ListThingPrincipalsV2Command({ thingName }));
    expect(principals.thingPrincipalObjects).toHaveLength(1);
  });

  it('is detached after a restart', async () => {
    const data = temporaryFolder();
    const first = await start({ data, pace: { name: 'aws' } });
    const { principal, thingName } = await device(first.iot);
    await first.iot.send(new DetachThingPrincipalCommand({ thingName, principal }));
    await first.stop();
    const second = await start({ data, pace: { name: 'aws' } });
    await second.iot.send(new DeleteThingCommand({ thingName }));
  });
});
