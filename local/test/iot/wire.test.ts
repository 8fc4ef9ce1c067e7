import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreateThingCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListThingPrincipalsV2Command,
  UpdateCertificateCommand,
} from '@aws-sdk/client-iot';
import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  IoTDataPlaneClient,
  PublishCommand,
} from '@aws-sdk/client-iot-data-plane';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpServer } from '../../src/wire/http-server.ts';
import { IotCloud, arn, makeCsr, nextMessage } from './iot-cloud.ts';

// The real AWS SDK, so that paths, headers and types are AWS's own.
let cloud: IotCloud;
let server: Server;
let iot: IoTClient;
let data: IoTDataPlaneClient;

beforeAll(async () => {
  cloud = await IotCloud.start();
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
  server = createHttpServer({
    dispatcher: cloud.dispatcher,
    credentials: { find: () => ({ secretAccessKey: credentials.secretAccessKey, principal: cloud.operator }) },
    log: cloud.log,
    durable: async () => undefined,
    extras: [],
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  iot = new IoTClient({ endpoint, region: 'eu-central-1', credentials });
  data = new IoTDataPlaneClient({ endpoint, region: 'eu-central-1', credentials });
});
afterAll(async () => {
  iot.destroy();
  data.destroy();
  server.close();
  await cloud.stop();
});

it('provisions a device through the AWS SDK', async () => {
  const thingName = 'kitchen:sensor_1';
  await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: { board: 'esp32' } } }));
  expect(await iot.send(new DescribeThingCommand({ thingName }))).toMatchObject({
    thingName,
    attributes: { board: 'esp32' },
    version: 1,
  });
  const { csr } = await makeCsr();
  const { certificateArn, certificateId } = await iot.send(
    new CreateCertificateFromCsrCommand({ certificateSigningRequest: csr, setAsActive: false }),
  );
  await iot.send(
    new AttachThingPrincipalCommand({ thingName, principal: certificateArn, thingPrincipalType: 'EXCLUSIVE_THING' }),
  );
  await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
  const { certificateDescription } = await iot.send(new DescribeCertificateCommand({ certificateId }));
  expect(certificateDescription?.status).toBe('ACTIVE');
  expect(certificateDescription?.validity?.notAfter).toEqual(new Date('2049-12-31T23:59:59Z'));
  expect((await iot.send(new ListThingPrincipalsV2Command({ thingName }))).thingPrincipalObjects).toEqual([
    { principal: certificateArn, thingPrincipalType: 'EXCLUSIVE_THING' },
  ]);
  await expect(iot.send(new DescribeThingCommand({ thingName: 'nothing' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
});

it('publishes to, tells of and ends a connection through the AWS SDK, whatever its client id', async () => {
  const clientId = 'a/b c+ü';
  const all = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'iot:*', Resource: '*' } };
  const identity = await cloud.certify();
  await cloud.allow(identity, 'all', all);
  const client = await cloud.connect(identity, clientId);
  await client.subscribeAsync('x/#');
  const message = nextMessage(client);
  await data.send(new PublishCommand({ topic: 'x/y z', payload: Buffer.from('hello'), qos: 1 }));
  expect(await message).toEqual(['x/y z', 'hello']);
  expect(await data.send(new GetConnectionCommand({ clientId, includeSocketInformation: true }))).toMatchObject({
    clientId,
    connected: true,
    connectedSince: expect.any(Number) as number,
    sourceIp: '127.0.0.1',
  });
  await data.send(new DeleteConnectionCommand({ clientId }));
  expect(await data.send(new GetConnectionCommand({ clientId }))).toMatchObject({ connected: false });
  await expect(data.send(new DeleteConnectionCommand({ clientId }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  await expect(
    iot.send(new AttachThingPrincipalCommand({ thingName: 'nothing', principal: arn('cert/x') })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
