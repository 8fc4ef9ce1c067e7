import type { Refusal } from '../../log.ts';
import {
  clientIdProblem,
  filterCountProblem,
  payloadProblem,
  qosProblem,
  subscriptionCountProblem,
  topicFilterProblem,
  topicProblem,
} from '../mqtt-limits.ts';
import type { Registry } from '../registry/registry.ts';
import { Authorizer, type MessageAction } from './authorizer.ts';
import { type Connect, type Publish, type Session, who } from './session.ts';

/** MQTT 3.1.1 in a CONNECT packet. */
const MQTT_3_1_1 = 4;

/** What stands in the way of each MQTT packet: the protocol's limits at AWS, the certificate's state, and its policies. */
export class Access {
  readonly #registry: Registry;
  readonly #authorizer: Authorizer;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#authorizer = new Authorizer(registry);
  }

  /** Why a CONNECT is refused, be it for its last will; undefined when it is allowed. */
  connect(session: Session, connect: Connect, version: number): Refusal | undefined {
    const { clientId, clean, will } = connect;
    const why = this.#connectProblem(session, clientId, clean, version) ?? this.#policyProblem(session, connect);
    if (why !== undefined) return this.#refusal(session, clientId, 'iot:Connect', clientId, why);
    const ofWill = will && this.publish(session, clientId, will);
    return ofWill && { ...ofWill, why: `${ofWill.why} (as last will)` };
  }

  /**
   * Why a message is refused. Whether a retained one without iot:RetainPublish costs the message or the connection at AWS is
   * not documented; here it is refused like any other.
   */
  publish(session: Session, clientId: string, { topic, qos, retain, payload }: Publish): Refusal | undefined {
    const why = topicProblem(topic, retain, true) ?? qosProblem(qos) ?? payloadProblem(payload);
    if (why !== undefined) return this.#refusal(session, clientId, 'iot:Publish', topic, why);
    return (
      this.#decide(session, clientId, 'iot:Publish', topic) ??
      (retain ? this.#decide(session, clientId, 'iot:RetainPublish', topic) : undefined)
    );
  }

  /** Why a subscription is refused. @param count how many came in one packet */
  subscribe(session: Session, clientId: string, filter: string, qos: number, count: number): Refusal | undefined {
    const why = filterCountProblem(count) ?? topicFilterProblem(filter) ?? qosProblem(qos);
    if (why !== undefined) return this.#refusal(session, clientId, 'iot:Subscribe', filter, why);
    return this.#decide(session, clientId, 'iot:Subscribe', filter);
  }

  /** Why an allowed subscription is answered with a failure, and the connection stays. */
  oneMore(session: Session, clientId: string, filter: string): Refusal | undefined {
    const { filters } = session;
    const why = filters.has(filter) ? undefined : subscriptionCountProblem(filters.size);
    return why === undefined ? undefined : this.#refusal(session, clientId, 'iot:Subscribe', filter, why);
  }

  /** Why a message is not delivered. */
  receive(session: Session, clientId: string, topic: string): Refusal | undefined {
    return this.#decide(session, clientId, 'iot:Receive', topic);
  }

  /** The refusal of a session whose certificate stopped being ACTIVE. */
  deactivated(session: Session, status: string): Refusal {
    const clientId = session.connect?.clientId;
    return this.#refusal(session, clientId, 'iot:Connect', clientId ?? '*', `the certificate is ${status}`);
  }

  #connectProblem(session: Session, clientId: string, clean: boolean, version: number): string | undefined {
    if (version !== MQTT_3_1_1)
      return `MQTT ${version === 5 ? '5' : '3.1'} is not supported by the local cloud; use MQTT 3.1.1`;
    // It may have changed since the handshake.
    const status = this.#registry.certificates.get(session.certificate.id)?.status;
    return status === 'ACTIVE'
      ? clientIdProblem(clientId, clean)
      : `the certificate is ${status === undefined ? 'deleted' : status}`;
  }

  #policyProblem(session: Session, connect: Connect): string | undefined {
    const { allowed, why } = this.#authorizer.decideConnect(session, connect);
    return allowed ? undefined : why;
  }

  #decide(session: Session, clientId: string, action: MessageAction, name: string): Refusal | undefined {
    const { allowed, why } = this.#authorizer.decide(session, clientId, action, name);
    return allowed ? undefined : this.#refusal(session, clientId, action, name, why);
  }

  #refusal(
    { certificate, source }: Session,
    clientId: string | undefined,
    action: MessageAction | 'iot:Connect',
    name: string,
    why: string,
  ): Refusal {
    const resource = this.#authorizer.resource(action, name);
    return {
      who: who(clientId, certificate.id, source.ip),
      action,
      resource,
      why,
      clientId,
      certificateId: certificate.id,
    };
  }
}
