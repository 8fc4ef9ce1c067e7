/**
 * What everything is called: the names that the constructs deploy, and by which the command line finds them again.
 */

/** Sites and devices: 1 to 64 of a-z, 0-9 and "-". None of these has a meaning in a topic, a policy or an ARN. */
export const NAME_PATTERN = /^[a-z0-9-]{1,64}$/;

/** {@link NAME_PATTERN} in words, for error messages. */
export const NAME_RULE = '1 to 64 characters of a-z, 0-9 and "-"';

/**
 * Fleets have no "-" in their names: that parts a fleet from a site or a device, so that no two fleets can come to the same
 * name. Nor may they be called as the words that follow `fleet-` where a fleet has no name.
 */
export const FLEET_NAME_PATTERN = /^(?!(?:site|alarms|telemetry)$)[a-z][a-z0-9]{0,19}$/;

/** First level of every telemetry topic, unless the settings have another one. */
export const DEFAULT_PREFIX = 'rtjm';

/** No "_", which parts it from the name of a fleet, and not `cmd`, below which commands are sent. */
export const PREFIX_PATTERN = /^(?!cmd$)[a-z0-9-]{1,32}$/;

/** The parameter by which a stack says which fleet it belongs to, see lib/fleet-stack.ts. */
export const FLEET_ID_PARAMETER = 'FleetId';

/** The id of what `npm start` deploys to its local cloud: it is nobody's, and whoever deploys next goes on with it. */
export const DEMO_FLEET_ID = 'npm-start';

/** A policy that is there while a device is being deleted, see aws/stand-in.ts. No device has a dot in its name. */
export function standInName(policyName: string): string {
  return `${policyName}${STAND_IN_SUFFIX}`;
}

export const STAND_IN_SUFFIX = '.detached';

/** The partition key of {@link FleetNames.deviceTable}. */
export const DEVICE_KEY = 'device';

/** The attribute that the thing of a listed device has: its name in topics, which is not that of the thing in a fleet with a name. */
export const DEVICE_ATTRIBUTE = 'device';

/** Stands for the claim where a device or a site stands otherwise: none of these has a capital letter. */
export const CLAIM_SITE = 'Enrolment';

export interface FleetNaming {
  /** Of a fleet beside others in an account and region, see {@link FLEET_NAME_PATTERN}. @default the fleet that has no name */
  readonly name?: string | undefined;
  /** The first level of its topics, see {@link PREFIX_PATTERN}. @default rtjm */
  readonly prefix?: string | undefined;
}

/**
 * How everything of one fleet is called in an account and region.
 *
 * A fleet without a name has the shortest names: its things, for one, are called as its devices. Those of a fleet with a
 * name have that in them, at a place where the name of no device and no site could put it, so that fleets have nothing in
 * common, be it that their devices, their sites and their prefix are the same: no stack, thing, policy, client id, topic or
 * parameter.
 */
export class FleetNames {
  /** The stack that holds the time-series, the dead letters and the rules. */
  readonly telemetryStack: string;
  /** The stack by which boards get certificates for keys that they made themselves. */
  readonly enrolmentStack: string;
  /** The provisioning template of AWS IoT that it has; 36 characters at most. */
  readonly enrolmentTemplate: string;
  /**
   * The thing and the policy of the certificate by which a board without an identity connects, to enrol. No device has a
   * capital letter.
   */
  readonly claim: string;
  /** The path in the SSM Parameter Store under which that lies: one level less than those of devices, as one of no site. */
  readonly claimPath: string;
  /** The DynamoDB table of the devices that are lines of a list, see aws/device-table.ts. */
  readonly deviceTable: string;
  /** The stack that lets a repository on GitHub deploy. */
  readonly githubStack: string;
  /** The topic rule that writes what devices publish into the time-series. */
  readonly telemetryRule: string;
  /** The topic rule for payloads that cannot be columns: they are kept whole, in base64. */
  readonly rawTelemetryRule: string;
  /** The topic rule that counts what each device sends, for the alarms of silent devices. */
  readonly seenRule: string;
  /** The topic rule that hears by which certificate each device connects. */
  readonly connectedRule: string;
  /** The topic rule that hears which board uses its new identity. */
  readonly usedRule: string;
  /** The CloudWatch namespace of those counts: a metric a device, which bears the device's name. */
  readonly seenMetricNamespace: string;
  /** The CloudWatch dashboard of the fleet. */
  readonly dashboard: string;
  /** The path in the SSM Parameter Store under which all identities of all sites lie. */
  readonly identityRoot: string;
  /** The first level of every telemetry topic. */
  readonly topicRoot: string;
  readonly #stackPrefix: string;
  readonly #thingPrefix: string;

  constructor({ name, prefix = DEFAULT_PREFIX }: FleetNaming = {}) {
    this.#stackPrefix = name === undefined ? 'fleet-' : `fleet-${name}-`;
    this.#thingPrefix = name === undefined ? '' : `${name}_`;
    this.telemetryStack = `${this.#stackPrefix}telemetry`;
    this.enrolmentStack = `${this.#stackPrefix}enrolment`;
    this.githubStack = `${this.#stackPrefix}github`;
    // AWS allows a rule no "-" in its name.
    this.telemetryRule = name === undefined ? 'fleet_telemetry' : `fleet_${name}_telemetry`;
    this.rawTelemetryRule = `${this.telemetryRule}_raw`;
    this.seenRule = `${this.telemetryRule}_seen`;
    this.connectedRule = `${this.telemetryRule}_connected`;
    this.usedRule = `${this.telemetryRule}_used`;
    this.dashboard = name === undefined ? 'esp-fleet' : `esp-fleet-${name}`;
    this.seenMetricNamespace = this.dashboard;
    this.identityRoot = `/${this.dashboard}`;
    this.enrolmentTemplate = this.dashboard;
    this.deviceTable = `${this.dashboard}-devices`;
    this.claim = `${this.#thingPrefix}${CLAIM_SITE}`;
    this.claimPath = `${this.sitePath(CLAIM_SITE)}/1`;
    // At the first level: the rule of a fleet takes whatever lies below its own.
    this.topicRoot = name === undefined ? prefix : `${prefix}_${name}`;
  }

  /** The fleet and the site that a stack is of, by its name alone; undefined where it is called as no site is. */
  static ofSiteStack(stack: string): { readonly fleet: string | undefined; readonly site: string } | undefined {
    // No fleet is called "site", so that the first "site" is the word that parts a fleet from its site.
    const [, fleet, site] = /^fleet-(?:([a-z][a-z0-9]{0,19})-)??site-([a-z0-9-]{1,64})$/.exec(stack) ?? [];
    return site === undefined ? undefined : { fleet, site };
  }

  /** The stack of a site. */
  siteStack(site: string): string {
    return `${this.#stackPrefix}site-${site}`;
  }

  /** The stack of the alarms of a site's silent devices. */
  alarmsStack(site: string): string {
    return `${this.#stackPrefix}alarms-${site}`;
  }

  /** The thing of a device; its MQTT client id is the same, as `iot:Connection.Thing.IsAttached` demands. */
  thing(device: string): string {
    return `${this.#thingPrefix}${device}`;
  }

  /** The AWS IoT policy of a device, which is called as its thing. */
  policy(device: string): string {
    return this.thing(device);
  }

  /**
   * What stands in a policy for the device that is connected, and for its client id (Developer Guide, "Thing policy variables"). A
   * device that is connected as no thing of its own has neither, and so nothing is allowed to it.
   */
  get connectedDevice(): { readonly client: string; readonly device: string } {
    const client = '${iot:Connection.Thing.ThingName}';
    const device = `\${iot:Connection.Thing.Attributes[${DEVICE_ATTRIBUTE}]}`;
    return { client, device: this.#thingPrefix === '' ? client : device };
  }

  /** The AWS IoT policy that all devices of a list have, those of one site. No device has a capital letter. */
  listPolicy(site: string): string {
    return `${this.#thingPrefix}Devices-${site}`;
  }

  /** The device that a thing or a policy of this fleet belongs to. What is of no fleet of this name stays as it is. */
  deviceOf(name: string): string {
    return name.startsWith(this.#thingPrefix) ? name.slice(this.#thingPrefix.length) : name;
  }

  /** What the certificates of a device are attached to. */
  holder(device: string): { readonly thingName: string; readonly policyName: string } {
    return { thingName: this.thing(device), policyName: this.policy(device) };
  }

  /** The same for a device that is a line of the list of a site. */
  listedHolder(site: string, device: string): { readonly thingName: string; readonly policyName: string } {
    return { thingName: this.thing(device), policyName: this.listPolicy(site) };
  }

  /** The path in the SSM Parameter Store under which the identity of one generation of a device lies: its key and its certificate. */
  identityPath(site: string, device: string, generation: number): string {
    return `${this.devicePath(site, device)}/${generation}`;
  }

  /** The path under which all identities of a device lie. */
  devicePath(site: string, device: string): string {
    return `${this.sitePath(site)}/${device}`;
  }

  /** The path under which all identities of a site lie. */
  sitePath(site: string): string {
    return `${this.identityRoot}/${site}`;
  }

  /** What a device publishes lies below this topic: `rtjm/<device>/…`. */
  telemetryTopic(device: string): string {
    return `${this.topicRoot}/${device}`;
  }

  /**
   * The same for basic ingest: the message goes to {@link telemetryRule} alone, past the broker. Neither the function
   * topic() nor a limit on the length of topics sees what stands before `rtjm` (Developer Guide, "Basic Ingest").
   */
  basicIngestTopic(device: string): string {
    return `$aws/rules/${this.telemetryRule}/${this.telemetryTopic(device)}`;
  }

  /**
   * The topics of AWS IoT where a board asks for a certificate, and for what goes with it; answers come below each
   * (Developer Guide, "Device provisioning MQTT API").
   */
  get enrolmentTopics(): readonly [certificates: string, provisioning: string] {
    return [
      '$aws/certificates/create-from-csr/json',
      `$aws/provisioning-templates/${this.enrolmentTemplate}/provision/json`,
    ];
  }

  /** Where boards say that they use a new identity, for a rule. */
  get usedTopic(): string {
    return `${this.topicRoot}/+/identity/used`;
  }

  /** The client ids of boards that enrol, for a policy: each ends in something else. */
  get claimClients(): string {
    return `${this.claim}-*`;
  }

  /** What the cloud sends a device lies below this topic: `cmd/rtjm/<device>/…`. */
  commandTopic(device: string): string {
    return `cmd/${this.telemetryTopic(device)}`;
  }
}
