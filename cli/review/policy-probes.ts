import type { FleetNames } from '../../lib/fleet/names.ts';
import type { Statement } from '../../policy/document.ts';
import type { Request } from '../../policy/evaluate.ts';
import { ArnPattern, Pattern, type Variables } from '../../policy/pattern.ts';

/** A request by which two policies are compared. */
export interface Probe {
  readonly request: Request;
  /** The resource of the statement that led to it. */
  readonly pattern: string;
  /** Made by a connection whose certificate is not attached to the device's thing. */
  readonly detached: boolean;
}

/** Stands for any other device; no device is called so. */
const OTHER_DEVICE = '<another device>';
const ACCOUNT = 'arn:aws:iot:us-east-1:111122223333:';

/** AWS IoT's actions on messages and shadows, and the kinds of resource they are about (Service Authorization Reference). */
const ACTIONS: Readonly<Record<string, string>> = {
  'iot:Connect': 'client',
  'iot:Publish': 'topic',
  'iot:RetainPublish': 'topic',
  'iot:Receive': 'topic',
  'iot:Subscribe': 'topicfilter',
  'iot:GetThingShadow': 'thing',
  'iot:UpdateThingShadow': 'thing',
  'iot:DeleteThingShadow': 'thing',
};

/** `topic/rtjm/attic/*` of an ARN in the account of the examples. */
export function shortResource(arn: string): string {
  return arn.replace(/^arn:[^:]*:iot:[^:]*:[^:]*:/, '');
}

const noneKnown: Variables = () => undefined;

/** What could be decided otherwise on account of a statement, the most telling requests first. */
export function probesOf({ actions, resources }: Statement, device: string, names: FleetNames): Probe[] {
  const known = Object.keys(ACTIONS);
  const named = actions.flatMap((pattern) => {
    const matcher = new Pattern(pattern, { ignoreCase: true, variables: false });
    const meant = known.filter((action) => matcher.matches(action, noneKnown));
    return meant.length > 0 || pattern.includes('*') ? meant : [pattern];
  });
  return named.flatMap((action) =>
    (resources ?? ['*']).flatMap((pattern) =>
      resourcesFor(action, pattern, device, names).flatMap((resource) =>
        [false, true].map((detached): Probe => ({
          pattern,
          detached,
          request: { action, resource, conditions: conditionsOf(device, names, detached), partial: true },
        })),
      ),
    ),
  );
}

function conditionsOf(device: string, names: FleetNames, detached: boolean): Record<string, string> {
  const thing = names.thing(device);
  return {
    'iot:ClientId': thing,
    'iot:Connection.Thing.ThingName': thing,
    'iot:Connection.Thing.Attributes[device]': device,
    'iot:Connection.Thing.IsAttached': String(!detached),
  };
}

/** Other devices first: reaching one of them is what matters most. */
function resourcesFor(action: string, pattern: string, device: string, names: FleetNames): string[] {
  const kind = ACTIONS[action];
  const typical = kind === undefined ? [] : [OTHER_DEVICE, device].flatMap((name) => namesFor(kind, name, names));
  const known: Readonly<Record<string, string>> = conditionsOf(device, names, false);
  const variables: Variables = (name) => known[name];
  const examples = typical
    .map((name) => `${ACCOUNT}${kind}/${name}`)
    .filter((resource) => new ArnPattern(pattern).matches(resource, variables) !== false);
  const filled = pattern
    .replace(/\$\{([^}]*)\}/g, (_, name: string) => known[name] ?? names.thing(device))
    .replaceAll('*', 'example')
    .replaceAll('?', 'x');
  // A resource that is all wildcard says nothing of the kind.
  return pattern === '*' ? examples : [...examples, filled];
}

function namesFor(kind: string, device: string, names: FleetNames): string[] {
  if (kind === 'client' || kind === 'thing') return [names.thing(device)];
  const [telemetry, command] = [names.telemetryTopic(device), names.commandTopic(device)];
  return [
    `${telemetry}/telemetry`,
    `${command}/set`,
    `${names.basicIngestTopic(device)}/telemetry`,
    `$aws/things/${names.thing(device)}/shadow/update`,
    ...(kind === 'topicfilter' ? [`${telemetry}/#`, `${command}/#`] : []),
  ];
}
