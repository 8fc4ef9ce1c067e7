import type { Request } from '../../policy/evaluate.ts';

/** What a device asks its broker for, as people call it. */
export type MqttAction = keyof typeof ACTIONS;

const ACTIONS = {
  connect: { action: 'iot:Connect', kind: 'client', words: 'connect as' },
  publish: { action: 'iot:Publish', kind: 'topic', words: 'publish to' },
  subscribe: { action: 'iot:Subscribe', kind: 'topicfilter', words: 'subscribe to' },
  receive: { action: 'iot:Receive', kind: 'topic', words: 'receive from' },
} as const;

export const MQTT_ACTIONS = Object.keys(ACTIONS) as MqttAction[];

/** Such as `publish to`. */
export function inWords(action: MqttAction): string {
  return ACTIONS[action].words;
}

/** What is wrong with a client id, topic or topic filter (MQTT 3.1.1, section 4.7); undefined when nothing is. */
export function problemWith(action: MqttAction, target: string): string | undefined {
  if (target === '') return `${inWords(action)} what? It must not be empty`;
  if (action === 'connect') return undefined;
  const levels = target.split('/');
  if (action !== 'subscribe') {
    return /[+#]/.test(target)
      ? `"${target}" is a topic filter; a device can ${inWords(action)} topics only`
      : undefined;
  }
  const isFilter = levels.every(
    (level, index) => !/[+#]/.test(level) || level === '+' || (level === '#' && index === levels.length - 1),
  );
  return isFilter
    ? undefined
    : `"${target}" is no topic filter: + stands for a whole level, # for all levels at the end`;
}

/**
 * What AWS IoT asks the policies of a device.
 *
 * @param thing its name, and that of its device, which the thing of a device of a list has as an attribute
 * @param target client id, topic or topic filter
 * @param certificateArn the device's certificate, whose region and account the resource has too
 */
export function mqttRequest(
  { thing, device }: { readonly thing: string; readonly device: string },
  action: MqttAction,
  target: string,
  certificateArn: string,
): Request {
  const clientId = action === 'connect' ? target : thing;
  const { action: name, kind } = ACTIONS[action];
  return {
    action: name,
    resource: certificateArn.replace(/:cert\/.*$/, () => `:${kind}/${target}`),
    conditions: {
      'iot:ClientId': clientId,
      // Documented for a client id that is the name of the thing; with another one, they count as not known.
      ...(clientId === thing && {
        'iot:Connection.Thing.ThingName': thing,
        'iot:Connection.Thing.Attributes[device]': device,
        'iot:Connection.Thing.IsAttached': 'true',
      }),
    },
    partial: true,
  };
}
