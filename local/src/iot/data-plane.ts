import type {
  DeleteConnectionRequest,
  GetConnectionRequest,
  GetConnectionResponse,
  ListSubscriptionsRequest,
  ListSubscriptionsResponse,
  PublishRequest,
} from '@aws-sdk/client-iot-data-plane';
import * as sdk from '@aws-sdk/client-iot-data-plane';
import { ExpectedError, NotImplementedError, refuseMembers } from '../errors.ts';
import { pageOf } from '../paging.ts';
import { type AnyOperation, type Service, operation } from '../service.ts';
import { serviceModel } from '../wire/model.ts';
import type { Broker } from './broker/broker.ts';
import { Session } from './broker/session.ts';
import { payloadProblem, qosProblem, topicProblem } from './mqtt-limits.ts';
import { invalidRequest, iotArn } from './names.ts';
import type { Registry } from './registry/registry.ts';
import { basicIngest } from './topic-matching.ts';

/** How long AWS keeps a persistent session after its end, in seconds, unless one asks for more (AWS IoT Core quotas). */
const SESSION_EXPIRY_S = 3600;

/** The service `iot-data`: publishing over HTTP, and the connections of devices. */
export const dataPlaneService = (broker: Broker, registry: Registry): Service => ({
  name: 'iot-data',
  actionPrefix: 'iot',
  // AWS's clients of different ages sign with one or the other.
  signingNames: ['iotdata', 'iotdevicegateway', 'execute-api'],
  model: serviceModel(sdk, sdk.IoTDataPlaneClient),
  operations: { Publish: publish(broker, registry), ...connectionOperations(broker, registry) },
});

const publish = (broker: Broker, { account }: Registry): AnyOperation =>
  operation<PublishRequest, object>({
    resource: ({ topic }) => iotArn(account, `topic/${topic}`),
    handle: async (input, call) => {
      refuseMembers('Publish', input, [
        'userProperties',
        'payloadFormatIndicator',
        'contentType',
        'responseTopic',
        'correlationData',
        'messageExpiry',
      ]);
      const { topic = '', qos = 0, retain = false, payload = new Uint8Array() } = input;
      if (topic.startsWith('$') && !basicIngest(topic)) throw new NotImplementedError(`the reserved topic ${topic}`);
      const problem = topicProblem(topic, retain) ?? qosProblem(qos) ?? payloadProblem(payload);
      if (problem !== undefined) throw invalidRequest(problem);
      if (retain) call.authorize('iot:RetainPublish', iotArn(account, `topic/${topic}`));
      const publication = { topic, payload, clientId: undefined, principal: call.principal.userId };
      await broker.publish(publication, qos === 1 ? 1 : 0, retain);
    },
  });

function connectionOperations(broker: Broker, registry: Registry): Record<string, AnyOperation> {
  const resource = (input: { clientId?: string }): string => iotArn(registry.account, `client/${input.clientId}`);
  return {
    DeleteConnection: operation<DeleteConnectionRequest, object>({
      resource,
      handle: async (input) => {
        const clientId = checkClientId(input.clientId);
        const { cleanSession = false, preventWillMessage: preventWill = false } = input;
        if (!(await broker.disconnect(clientId, { cleanSession, preventWill }))) throw notConnected(clientId);
      },
    }),
    ListSubscriptions: operation<ListSubscriptionsRequest, ListSubscriptionsResponse>({
      resource,
      handle: async (input) => {
        const clientId = checkClientId(input.clientId);
        const { maxResults: limit = 20, nextToken: token } = input;
        // API Reference, ListSubscriptions: 20 unless asked for, 200 at the most.
        if (limit < 1 || limit > 200) throw invalidRequest('maxResults must be from 1 to 200');
        const found = await broker.subscriptions(clientId);
        if (!found) throw new ExpectedError('ResourceNotFoundException', `client ${clientId} has no session`, 404);
        const { items, next } = pageOf(found, ({ topicFilter }) => topicFilter, { limit, token });
        return { subscriptions: items, nextToken: next };
      },
    }),
    GetConnection: operation<GetConnectionRequest, GetConnectionResponse>({
      resource,
      handle: (input) => {
        const clientId = checkClientId(input.clientId);
        const found = broker.connection(clientId);
        if (!found) throw notConnected(clientId);
        const session = found instanceof Session ? found : found.session;
        const { connect, certificate, source, target } = session;
        return {
          clientId,
          thingName: registry.thingOf(certificate.id, clientId)?.name,
          cleanSession: connect?.clean,
          keepAliveDuration: connect?.keepAlive,
          sessionExpiry: connect?.clean ? 0 : SESSION_EXPIRY_S,
          ...(found instanceof Session
            ? { connected: true, connectedSince: found.connectedSince }
            : { connected: false, disconnectedSince: found.disconnectedSince, disconnectReason: found.reason }),
          ...(input.includeSocketInformation && {
            sourceIp: source.ip,
            sourcePort: source.port,
            targetIp: target.ip,
            targetPort: target.port,
          }),
        };
      },
    }),
  };
}

const notConnected = (clientId: string): Error =>
  new ExpectedError('ResourceNotFoundException', `client ${clientId} is not connected`, 404);

/** API Reference, DeleteConnection: 1 to 128 characters, the first of them no dollar sign. */
function checkClientId(clientId: string | undefined): string {
  if (clientId === undefined || !/^[^$].{0,127}$/s.test(clientId))
    throw invalidRequest('clientId must have 1 to 128 characters and must not begin with $');
  return clientId;
}
