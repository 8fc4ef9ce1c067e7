import type { FleetNames } from '../fleet/names.ts';
import type { Rule } from './rule.ts';
import { listOf, member, resourcesOfType } from './stack-template.ts';
import { valueText } from './value-text.ts';

/** The part of an ARN up to the kind of resource, such as `arn:aws:iot:eu-west-1:123456789012:topic/`. */
const KIND = /^([^/]*):(\w+)\//;

/**
 * A policy serves the one device whose name it bears, or each device of a list: what it allows lies below that device's topics. Besides it may enrol, which
 * is all that the claim may: AWS IoT answers there whoever asked, and nobody else. In policies `*` crosses levels, and `+` and
 * `#` are plain characters.
 */
export const iotPolicyReach = (names: FleetNames): Rule => ({
  id: 'iot-policy-reach',
  fix: `Name the topics of the device, such as "${names.telemetryTopic('<device>')}/*", as lib/device/device-policy.ts does.`,

  *check(template) {
    for (const [logicalId, { Properties = {} }] of resourcesOfType(template, 'AWS::IoT::Policy')) {
      const finding = (problem: string) => ({ logicalId, location: 'Properties.PolicyDocument', problem });
      const { PolicyName: name, PolicyDocument: document } = Properties;
      if (typeof name !== 'string' || typeof document !== 'object') {
        yield finding('A policy without a plain name and document cannot be checked against the device that has it.');
        continue;
      }
      const holder = holderOf(name, names);
      const { device } = holder;
      for (const statement of listOf(member(document, 'Statement'))) {
        if (member(statement, 'Effect') === 'Deny') continue;
        const actions = listOf(member(statement, 'Action')).map(valueText);
        const resources = listOf(member(statement, 'Resource')).map(valueText);
        for (const action of actions.length > 0 ? actions : ['NotAction']) {
          if (!/^iot:\w+$/.test(action)) {
            yield finding(`The policy of "${device}" allows ${action}: more than anybody can see by reading it.`);
          }
        }
        for (const resource of resources.length > 0 ? resources : ['NotResource']) {
          if (isOfDevice(resource, holder, names)) continue;
          yield finding(
            `The policy of "${device}" allows ${actions.join(', ')} on ${resource.replace(KIND, '$2/')}: ` +
              'that reaches beyond the device, so one stolen board could act for others.',
          );
        }
      }
    }
  },
});

/** Whom a policy serves: one device, or the devices of a list, each of which is what AWS IoT knows the connection by. */
interface Served {
  readonly device: string;
  readonly client: string;
}

function holderOf(policyName: string, names: FleetNames): Served {
  if (policyName.startsWith(names.listPolicy(''))) return names.connectedDevice;
  const device = names.deviceOf(policyName);
  return { device, client: policyName === names.claim ? names.claimClients : names.thing(device) };
}

function isOfDevice(resource: string, { device, client }: Served, names: FleetNames): boolean {
  const [start = '', scope = '*', kind] = KIND.exec(resource) ?? [];
  if (/[*?]/.test(scope)) return false;
  const name = resource.slice(start.length);
  const isClaim = client === names.claimClients;
  if (kind === 'client') return name === client;
  if (kind !== 'topic' && kind !== 'topicfilter') return false;
  if (names.enrolmentTopics.some((topic) => name === topic || name === `${topic}/*`)) return true;
  if (isClaim) return false;
  const topics = [names.telemetryTopic(device), names.basicIngestTopic(device), names.commandTopic(device)];
  return topics.some((topic) => name.startsWith(`${topic}/`));
}
