/**
 * What everything is called: the names that the constructs deploy, and by which the command line finds them again.
 * A device's thing, policy and MQTT client id all bear the device's name.
 */

/** Sites and devices: 1 to 64 of a-z, 0-9 and "-". None of these has a meaning in a topic, a policy or an ARN. */
export const NAME_PATTERN = /^[a-z0-9-]{1,64}$/;

/** {@link NAME_PATTERN} in words, for error messages. */
export const NAME_RULE = '1 to 64 characters of a-z, 0-9 and "-"';

/** First level of every telemetry topic. */
export const TOPIC_PREFIX = 'rtjm';

/** The stack that holds the time-series, the dead letters and the rules. */
export const TELEMETRY_STACK_NAME = 'fleet-telemetry';

/** The topic rule that writes what devices publish into the time-series. */
export const TELEMETRY_RULE_NAME = 'fleet_telemetry';

/** The topic rule for payloads that cannot be columns: they are kept whole, in base64. */
export const RAW_TELEMETRY_RULE_NAME = 'fleet_telemetry_raw';

/** The topic rule that counts what each device sends, for the alarms of silent devices. */
export const SEEN_RULE_NAME = 'fleet_telemetry_seen';

/** The CloudWatch namespace of those counts: a metric a device, which bears the device's name. */
export const SEEN_METRIC_NAMESPACE = 'esp-fleet';

/** The CloudWatch dashboard of the fleet. */
export const DASHBOARD_NAME = 'esp-fleet';

/** The stack of a site. */
export function siteStackName(site: string): string {
  return `fleet-site-${site}`;
}

/** The stack of the alarms of a site's silent devices. */
export function alarmsStackName(site: string): string {
  return `fleet-alarms-${site}`;
}

/** The thing of a device; its MQTT client id is the same, as `iot:Connection.Thing.IsAttached` demands. */
export function thingName(device: string): string {
  return device;
}

/** The AWS IoT policy of a device. */
export function policyName(device: string): string {
  return device;
}

/** A policy that is there while a device is being deleted, see aws/stand-in.ts. No device has a dot in its name. */
export function standInName(policyName: string): string {
  return `${policyName}${STAND_IN_SUFFIX}`;
}

export const STAND_IN_SUFFIX = '.detached';

/** What the certificates of a device are attached to. */
export function holderOf(device: string): { readonly thingName: string; readonly policyName: string } {
  return { thingName: thingName(device), policyName: policyName(device) };
}

/** The path in the SSM Parameter Store under which all identities of all sites lie. */
export const IDENTITY_PARAMETER_ROOT = '/esp-fleet';

/** The path in the SSM Parameter Store under which the identity of one generation of a device lies: its key and its certificate. */
export function identityPath(site: string, device: string, generation: number): string {
  return `${devicePath(site, device)}/${generation}`;
}

/** The path under which all identities of a device lie. */
export function devicePath(site: string, device: string): string {
  return `${sitePath(site)}/${device}`;
}

/** The path under which all identities of a site lie. */
export function sitePath(site: string): string {
  return `${IDENTITY_PARAMETER_ROOT}/${site}`;
}

/** What a device publishes lies below this topic: `rtjm/<device>/…`. */
export function telemetryTopicPrefix(device: string): string {
  return `${TOPIC_PREFIX}/${device}`;
}

/**
 * The same for basic ingest: the message goes to {@link TELEMETRY_RULE_NAME} alone, past the broker. Neither the function
 * topic() nor a limit on the length of topics sees what stands before `rtjm` (Developer Guide, "Basic Ingest").
 */
export function basicIngestTopicPrefix(device: string): string {
  return `$aws/rules/${TELEMETRY_RULE_NAME}/${telemetryTopicPrefix(device)}`;
}

/** What the cloud sends a device lies below this topic: `cmd/rtjm/<device>/…`. */
export function commandTopicPrefix(device: string): string {
  return `cmd/${TOPIC_PREFIX}/${device}`;
}
