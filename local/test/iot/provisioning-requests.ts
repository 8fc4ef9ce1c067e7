import type { MqttClient } from 'mqtt';
import { nextMessage } from './iot-cloud.ts';

export const FROM_CSR = '$aws/certificates/create-from-csr/json';
export const KEYS = '$aws/certificates/create/json';
export const provision = (template: string): string => `$aws/provisioning-templates/${template}/provision/json`;

/** The policy of a claim, as the Developer Guide has it (provision-wo-cert), for one template. */
export const claimPolicy = (template: string, arn: (resource: string) => string): object => {
  const topics = ['$aws/certificates/create*', `$aws/provisioning-templates/${template}/provision/*`];
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
      { Effect: 'Allow', Action: ['iot:Publish', 'iot:Receive'], Resource: topics.map((one) => arn(`topic/${one}`)) },
      { Effect: 'Allow', Action: 'iot:Subscribe', Resource: topics.map((one) => arn(`topicfilter/${one}`)) },
    ],
  };
};

export interface Answer {
  readonly outcome: 'accepted' | 'rejected';
  readonly body: {
    readonly certificateOwnershipToken?: string;
    readonly certificateId?: string;
    readonly certificatePem?: string;
    readonly privateKey?: string;
    readonly thingName?: string;
    readonly deviceConfiguration?: Readonly<Record<string, string>>;
    readonly statusCode?: number;
    readonly errorCode?: string;
    readonly errorMessage?: string;
  };
}

/** Asks as a device does: subscribes to both answers, publishes, and waits for one of them. */
export async function ask(client: MqttClient, topic: string, request: string | object): Promise<Answer> {
  await client.subscribeAsync([`${topic}/accepted`, `${topic}/rejected`], { qos: 1 });
  return again(client, topic, request);
}

/** The same over a connection that has subscribed. */
export async function again(client: MqttClient, topic: string, request: string | object): Promise<Answer> {
  const message = nextMessage(client);
  await client.publishAsync(topic, typeof request === 'string' ? request : JSON.stringify(request), { qos: 1 });
  const [answered, text] = await message;
  const outcome = answered.slice(topic.length + 1);
  if (!answered.startsWith(`${topic}/`) || (outcome !== 'accepted' && outcome !== 'rejected'))
    throw new Error(`an answer on ${answered}`);
  return { outcome, body: JSON.parse(text) as Answer['body'] };
}
