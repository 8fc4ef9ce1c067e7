import type { MetricStore } from '../cloudwatch/metric-store.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { IamStore } from '../iam/iam-store.ts';
import type { Log } from '../log.ts';
import { LIMITS } from '../pace/limits.ts';
import type { Pace } from '../pace/pace.ts';
import type { Readings } from '../readings.ts';
import type { Account, Service } from '../service.ts';
import type { State } from '../state/state.ts';
import { Broker } from './broker/broker.ts';
import { MqttListener } from './broker/mqtt-listener.ts';
import { CertificateAuthority } from './certificate-authority.ts';
import { controlPlaneService } from './control-plane.ts';
import { dataPlaneService } from './data-plane.ts';
import { DeviceProvisioning } from './provisioning/device-provisioning.ts';
import { Hooks } from './provisioning/hook.ts';
import { OwnershipTokens } from './provisioning/ownership-tokens.ts';
import { TemplateStore } from './provisioning/template-store.ts';
import { Registry } from './registry/registry.ts';
import { RuleStore } from './rules/rule-store.ts';
import { RulesEngine } from './rules/rules-engine.ts';

/** The port that AWS IoT Core listens on, and that clients take when an endpoint names none. */
const MQTTS_PORT = 8883;

export interface IotOptions {
  readonly state: State;
  readonly account: Account;
  readonly iam: IamStore;
  /** Where the rules' actions go. */
  readonly dispatcher: Dispatcher;
  /** Where it counts what its rules do. */
  readonly metrics: MetricStore;
  /** What is assumed where AWS's documents leave it open. */
  readonly readings: Readings;
  readonly pace: Pace;
  /** @default those of AWS */
  readonly provisioning?: Partial<ProvisioningTimes> | undefined;
  readonly log: Log;
  /** Port of the broker; 0 for any that is free. */
  readonly mqttPort: number;
  /** Address to listen on, e.g. `127.0.0.1`. */
  readonly host: string;
  /** Another one, by which devices of the network around come: then they are told this one. @default none */
  readonly lan?: string;
}

/** How long provisioning takes at the most, for tests that cannot wait so long. */
export interface ProvisioningTimes {
  /** Seconds that a certificate ownership token is valid for. */
  readonly tokenSeconds: number;
  /** Seconds that a pre-provisioning hook has. */
  readonly hookSeconds: number;
}

/** AWS IoT Core of the local cloud. */
export interface Iot {
  /** `iot` and `iot-data`, to be registered with the dispatcher. */
  readonly services: readonly Service[];
  /** The root that signs the broker's certificate and those of the devices. */
  readonly rootCaPem: string;
  /** The broker's port, once it listens. */
  readonly mqttPort: number;
  /**
   * What DescribeEndpoint answers. Unlike at AWS it names the port when that is not 8883, since two local clouds cannot share
   * one.
   */
  readonly endpointAddress: string;
  /** Opens the broker's port. Rejects with EADDRINUSE when it is taken. */
  listen(): Promise<void>;
  /** Ends all connections and closes the port. */
  close(): Promise<void>;
}

/** Builds AWS IoT Core over what the state holds. */
export async function createIot(options: IotOptions): Promise<Iot> {
  const { state, account, iam, dispatcher, metrics, log, host, lan, readings, pace } = options;
  const authority = await CertificateAuthority.open(state);
  const registry = new Registry(state, account, pace);
  const rules = new RuleStore(state);
  const { tokenSeconds = LIMITS.ownershipTokenSeconds.most, hookSeconds = LIMITS.provisioningHookSeconds.most } =
    options.provisioning ?? {};
  const templates = new TemplateStore(state, account);
  const tokens = new OwnershipTokens({ state, registry, readings, log, seconds: tokenSeconds });
  const hooks = new Hooks({ dispatcher, iam, seconds: hookSeconds });
  const broker = await Broker.start({
    registry,
    provisioning: new DeviceProvisioning({ registry, authority, templates, tokens, hooks, iam, dispatcher, log }),
    rules: new RulesEngine({ rules, dispatcher, iam, metrics, log, readings }),
    log,
    pace,
  });
  const listener = new MqttListener({
    identity: await authority.serverIdentity(lan),
    rootCaPem: authority.rootPem,
    registry,
    broker,
    log,
  });
  const name = lan ?? 'localhost';
  const endpointAddress = (): string => (listener.port === MQTTS_PORT ? name : `${name}:${listener.port}`);
  return {
    services: [
      controlPlaneService({ registry, authority, rules, templates, hooks, iam, readings, endpointAddress, state }),
      dataPlaneService(broker, registry),
    ],
    rootCaPem: authority.rootPem,
    get mqttPort() {
      return listener.port;
    },
    get endpointAddress() {
      return endpointAddress();
    },
    listen: () => listener.listen(options.mqttPort, lan === undefined ? [host] : [host, lan]),
    close: async () => {
      registry.close();
      tokens.close();
      await listener.close();
    },
  };
}
