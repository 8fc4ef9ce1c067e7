import { randomUUID } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { Aedes, type AedesOptions, type AedesPublishPacket, type Client, type PublishPacket } from 'aedes';
import type { Log, Refusal } from '../../log.ts';
import { effectiveKeepAlive } from '../mqtt-limits.ts';
import type { Pace } from '../../pace/pace.ts';
import type { DeviceProvisioning } from '../provisioning/device-provisioning.ts';
import { provisioningRequest } from '../provisioning/topics.ts';
import type { Certificate, Registry } from '../registry/registry.ts';
import type { Publication, RulesEngine } from '../rules/rules-engine.ts';
import { matchesAtAws } from '../topic-matching.ts';
import { Access } from './access.ts';
import {
  checkPackets,
  forgetSession,
  keptSubscriptions,
  markDuplicates,
  onSubscribe,
  type Subscription,
  subscriptionsOf,
} from './aedes-internals.ts';
import { connackOfVersion, PacketCheck } from './packet-check.ts';
import { presenceOf } from './presence-message.ts';
import { sendAnswer } from './provisioning-answer.ts';
import { type Connect, Session, toPublish } from './session.ts';
import { type EndedSession, Sessions } from './sessions.ts';

type Parameter<Name extends keyof AedesOptions, N extends 1 | 2> = Parameters<NonNullable<AedesOptions[Name]>>[N];

export interface BrokerOptions {
  readonly registry: Registry;
  readonly rules: RulesEngine;
  readonly provisioning: DeviceProvisioning;
  readonly log: Log;
  readonly pace: Pace;
}

/**
 * Heartbeats tell several brokers of each other, so that one sends the last wills of another that died. There is one broker
 * here, and after a sleep of the machine it would take itself for dead: so the longest interval that a timer takes fourfold.
 */
const HEARTBEAT_MS = 2 ** 29 - 1;

/** Ends the connection. Its refusal stands in the log already. */
class RefusedError extends Error {}

/** For packets of a connection that ended while they were handled. */
const gone = (): Error => new Error('the connection is closed');

/**
 * The message broker: aedes moves the messages, and this class asks of each whether AWS IoT would let it through. What is
 * not allowed ends the connection without a CONNACK, SUBACK or PUBACK, as AWS does under MQTT 3.1.1 (by the word of its
 * staff and users; the guide speaks of a CONNACK with code 7).
 */
export class Broker {
  readonly #access: Access;
  readonly #rules: RulesEngine;
  readonly #provisioning: DeviceProvisioning;
  readonly #log: Log;
  readonly #pace: Pace;
  readonly #registry: Registry;
  readonly #sessions = new Sessions(({ session, reason }) => {
    this.#log.info(`disconnected: ${session.who}: ${reason}`);
    if (!this.#closing) this.#tell(session, reason);
  });
  /** How often each client id has connected. */
  readonly #connections = new Map<string, number>();
  readonly #aedes: Aedes;
  #closing = false;

  private constructor({ registry, rules, provisioning, log, pace }: BrokerOptions) {
    this.#access = new Access(registry);
    this.#rules = rules;
    this.#provisioning = provisioning;
    this.#log = log;
    this.#pace = pace;
    this.#registry = registry;
    this.#aedes = new Aedes({
      heartbeatInterval: HEARTBEAT_MS,
      preConnect: (client, packet, done) => this.#connect(client, packet, done),
      // PUBACK follows this handler, so a message is acknowledged when the rules engine is done with it.
      authorizePublish: (client, packet, done) => this.#publish(client, packet, done),
      authorizeSubscribe: (client, subscription, done) => this.#subscribe(client, subscription, done),
      authorizeForward: (client, packet) => (this.#mayReceive(client, packet) ? packet : null),
    });
    this.#aedes.on('connackSent', (_, client) => this.#connected(client));
    this.#aedes.on('unsubscribe', (filters, client) => {
      for (const filter of filters) this.#sessions.of(client)?.filters.delete(filter);
    });
    this.#aedes.on('keepaliveTimeout', (client) => {
      const session = this.#sessions.of(client);
      if (session) session.disconnectReason ??= 'MQTT_KEEP_ALIVE_TIMEOUT';
    });
    this.#aedes.on('clientError', (client, error) => this.#protocolError(client, error));
    this.#aedes.on('connectionError', (client, error) => this.#protocolError(client, error));
    registry.watchCertificates((certificate) => this.#certificateChanged(certificate));
  }

  static async start(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options);
    await broker.#aedes.listen();
    markDuplicates(broker.#aedes);
    return broker;
  }

  /** Speaks MQTT with a client whose certificate is registered and ACTIVE. */
  accept(socket: TLSSocket, certificate: Certificate): void {
    const client = this.#aedes.handle(socket);
    const session = new Session(client, socket, certificate);
    checkPackets(client, new PacketCheck());
    onSubscribe(client, (all) => all.forEach((each) => session.filterCounts.set(each, all.length)));
    this.#sessions.add(session, socket);
  }

  /** Publishes a message that came over HTTP and was allowed, after the rules engine is done with it. */
  async publish(publication: Publication, qos: 0 | 1, retain: boolean): Promise<void> {
    await this.#rules.run(publication);
    const { topic, payload } = publication;
    const packet = { cmd: 'publish' as const, topic, payload: Buffer.from(payload), qos, retain, dup: false };
    await new Promise<void>((resolve, reject) =>
      this.#aedes.publish(packet, (error) => (error ? reject(error) : resolve())),
    );
  }

  /** The session that a client id has now, or how its last one ended within the last half an hour. */
  connection(clientId: string): Session | EndedSession | undefined {
    return this.#sessions.connected(clientId) ?? this.#sessions.ended(clientId);
  }

  /**
   * What a client id has subscribed to: in its connection, or in the persistent session that it left. Undefined when it has
   * neither; of a session without any subscription nothing is known here once the client has gone.
   */
  async subscriptions(clientId: string): Promise<readonly Subscription[] | undefined> {
    const session = this.#sessions.connected(clientId);
    if (session) return subscriptionsOf(session.client);
    const kept = await keptSubscriptions(this.#aedes, clientId);
    return kept.length > 0 ? kept : undefined;
  }

  /** Ends the session of a client id; false when there is none. */
  async disconnect(
    clientId: string,
    options: { readonly cleanSession: boolean; readonly preventWill: boolean },
  ): Promise<boolean> {
    const session = this.#sessions.connected(clientId);
    if (!session) return false;
    session.willPrevented = options.preventWill;
    await this.#sessions.close(session, 'API_INITIATED_DISCONNECT');
    if (options.cleanSession) await forgetSession(this.#aedes, clientId);
    return true;
  }

  /** Ends all sessions. Last wills are not sent: it is not the devices that go. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#sessions.closeAll();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
  }

  #connect(client: Client, packet: Parameter<'preConnect', 1>, done: Parameter<'preConnect', 2>): void {
    const session = this.#sessions.of(client);
    if (!session) return done(gone(), false);
    const clean = packet.clean ?? true;
    // MQTT 3.1.1 lets a server name a client that gives no id, and a policy may allow it. What AWS does is not documented.
    if (packet.clientId === '' && clean) packet.clientId = randomUUID();
    const { clientId, keepalive: keepAlive = 0, will } = packet;
    const connect: Connect = { clientId, clean, keepAlive, will: will && toPublish(will) };
    const version = packet.protocolVersion ?? 4;
    const refusal = this.#access.connect(session, connect, version);
    if (refusal) {
      const end = (): void => done(this.#refuse(session, refusal), false);
      // The one refusal of a CONNECT that is answered: a client of another version waits for the reason.
      return version === 4 ? end() : void client.conn.write(connackOfVersion(version), end);
    }
    session.connect = connect;
    session.willPacket = will;
    packet.keepalive = effectiveKeepAlive(keepAlive);
    done(null, true);
  }

  #connected(client: Client): void {
    const session = this.#sessions.of(client);
    const clientId = session?.connect?.clientId;
    if (!session || clientId === undefined) return;
    const holder = this.#sessions.connected(clientId);
    // aedes has ended it, unless two ended at once and confused its books.
    if (holder && holder !== session) void this.#sessions.close(holder, 'DUPLICATE_CLIENTID');
    this.#sessions.setConnected(session, clientId);
    session.versionNumber = this.#connections.get(clientId) ?? 0;
    this.#connections.set(clientId, session.versionNumber + 1);
    this.#log.info(`connected: ${session.who}`);
    this.#tell(session);
  }

  /** Tells topic rules that a connection began or ended (DG, life-cycle-events). */
  #tell(session: Session, disconnectReason?: string): void {
    const publication = presenceOf(session, disconnectReason);
    if (publication) void this.#rules.run(publication);
  }

  #publish(client: Client | null, packet: PublishPacket, done: Parameter<'authorizePublish', 2>): void {
    const session = this.#sessions.of(client);
    const clientId = session?.connect?.clientId;
    if (!session || clientId === undefined) return done(gone());
    if (packet === session.willPacket && (session.willPrevented || this.#closing)) return done(gone());
    const publish = toPublish(packet);
    const refusal = this.#access.publish(session, clientId, publish);
    if (refusal) return done(this.#refuse(session, refusal));
    const { topic, payload } = publish;
    const request = provisioningRequest(topic);
    if (request) {
      const requester = { clientId, certificateId: session.certificate.id, who: session.who, connection: session };
      void this.#provisioning
        .answer(request, payload, requester)
        .then((answer) => sendAnswer(answer, session, this.#log));
      return done(null);
    }
    const running = this.#rules.run({ topic, payload, clientId, principal: session.certificate.id });
    if (running) void running.then(() => done(null));
    else done(null);
  }

  #subscribe(
    client: Client,
    subscription: Parameter<'authorizeSubscribe', 1>,
    done: Parameter<'authorizeSubscribe', 2>,
  ): void {
    const session = this.#sessions.of(client);
    const clientId = session?.connect?.clientId;
    if (!session || clientId === undefined) return done(gone());
    const { topic: filter, qos } = subscription;
    const count = session.filterCounts.get(subscription) ?? 1;
    const refusal = this.#access.subscribe(session, clientId, filter, qos, count);
    const full = refusal ? undefined : this.#access.oneMore(session, clientId, filter);
    if (full) {
      this.#log.refused(full);
      // SUBACK says 0x80.
      return done(null, null);
    }
    if (!refusal) {
      session.filters.add(filter);
      return done(null, subscription);
    }
    // Before the CONNACK aedes restores the subscriptions of a persistent session. A refused filter can be among them, when
    // it came in one packet with an allowed one: it is left out.
    if (session.connectedSince !== undefined) return done(this.#refuse(session, refusal));
    this.#log.refused(refusal);
    done(null, null);
  }

  #mayReceive(client: Client, { topic, retain, brokerId }: AedesPublishPacket): boolean {
    const session = this.#sessions.of(client);
    const clientId = session?.connect?.clientId;
    // The socket is closed. A persistent session keeps the message, unless aedes hears that it may not have it.
    if (!session || clientId === undefined) return true;
    // A filter with wildcards gets no retained message (DG, "differences from MQTT"); aedes sends those without a broker id.
    if (retain && !brokerId && !session.filters.has(topic)) return false;
    if (![...session.filters].some((filter) => matchesAtAws(filter, topic))) return false;
    const refusal = this.#access.receive(session, clientId, topic);
    // The message is not delivered, and the connection stays (DG, iot-policy-actions).
    if (refusal) this.#log.refused(refusal);
    return refusal === undefined;
  }

  #refuse(session: Session, refusal: Refusal): RefusedError {
    session.disconnectReason ??= 'AUTH_ERROR';
    this.#log.refused(refusal);
    return new RefusedError(refusal.why);
  }

  #certificateChanged({ id, status }: Certificate): void {
    if (status === 'ACTIVE') return;
    const lag = this.#pace.lag('certificate-deactivated');
    if (lag > 0) setTimeout(() => this.#endSessions(id), lag).unref();
    else this.#endSessions(id);
  }

  #endSessions(id: string): void {
    const { status = 'deleted' } = this.#registry.certificates.get(id) ?? {};
    if (status === 'ACTIVE') return;
    for (const session of this.#sessions.withCertificate(id)) {
      this.#log.refused(this.#access.deactivated(session, status));
      void this.#sessions.close(session, 'AUTH_ERROR');
    }
  }

  // What the network did is told at the end of the session. The rest breaks MQTT's own rules.
  #protocolError(client: Client, error: Error): void {
    const session = this.#sessions.of(client);
    if (error instanceof RefusedError || client.closed || !session || session.disconnectReason || 'code' in error)
      return;
    session.disconnectReason = 'CLIENT_ERROR';
    this.#log.warn(`the connection of ${session.who} ends: ${error.message}`);
  }
}
