import { randomUUID } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Client, PublishPacket } from 'aedes';
import type { ConditionContext } from '../../../../policy/conditions.ts';
import type { Decision } from '../../policy/decide.ts';
import type { Certificate } from '../registry/registry.ts';
import { certificateAttributes } from './certificate-attributes.ts';

/** Why a session ended, in AWS's words (DG, life-cycle-events). */
export type DisconnectReason =
  | 'API_INITIATED_DISCONNECT'
  | 'AUTH_ERROR'
  | 'CLIENT_ERROR'
  | 'CLIENT_INITIATED_DISCONNECT'
  | 'CONNECTION_LOST'
  | 'DUPLICATE_CLIENTID'
  | 'MQTT_KEEP_ALIVE_TIMEOUT'
  | 'SERVER_INITIATED_DISCONNECT';

/** What there is to a message before it is published. */
export interface Publish {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly payload: Uint8Array;
}

/** A message as aedes has it, or a last will, whose parts may be missing. */
export const toPublish = ({
  topic,
  qos = 0,
  retain = false,
  payload,
}: Pick<PublishPacket, 'topic' | 'payload'> & Partial<PublishPacket>): Publish => ({
  topic,
  qos,
  retain,
  payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
});

/** What a client asked for in its CONNECT. */
export interface Connect {
  readonly clientId: string;
  readonly clean: boolean;
  /** Seconds, as the client gave them. */
  readonly keepAlive: number;
  readonly will: Publish | undefined;
}

/** A TLS connection with a client certificate that is registered, from the handshake to its end. */
export class Session {
  readonly client: Client;
  readonly certificate: Certificate;
  /** Policy variables that the certificate gives. */
  readonly certificateAttributes: ConditionContext;
  readonly source: { readonly ip: string; readonly port: number };
  readonly target: { readonly ip: string; readonly port: number };
  /** Undefined until the CONNECT is allowed. */
  connect: Connect | undefined;
  /** Milliseconds since 1970, from the CONNACK on. */
  connectedSince: number | undefined;
  readonly id = randomUUID();
  /** How many connections its client id had before. */
  versionNumber = 0;
  /** Set by whoever ends the session; a connection that nobody ended is lost. */
  disconnectReason: DisconnectReason | undefined;
  /** The last will as aedes holds it: this very object is published when the session ends. */
  willPacket: object | undefined;
  willPrevented = false;
  /** The topic filters it is subscribed to. */
  readonly filters = new Set<string>();
  /** How many filters came with a subscription in one SUBSCRIBE, by its object in the packet. */
  readonly filterCounts = new WeakMap<object, number>();
  /** Decisions made at `revision` of the registry. */
  readonly decisions = new Map<string, Decision>();
  revision = -1;

  constructor(client: Client, socket: TLSSocket, certificate: Certificate) {
    this.client = client;
    this.certificate = certificate;
    this.certificateAttributes = certificateAttributes(certificate.pem);
    this.source = { ip: plainIp(socket.remoteAddress), port: socket.remotePort ?? 0 };
    this.target = { ip: plainIp(socket.localAddress), port: socket.localPort ?? 0 };
  }

  /** As refusals name it. */
  get who(): string {
    return who(this.connect?.clientId, this.certificate.id, this.source.ip);
  }
}

export const who = (clientId: string | undefined, certificateId: string | undefined, ip: string): string =>
  `${clientId === undefined ? 'a client' : `client ${clientId}`} (certificate ${certificateId ?? 'none'}, ${ip})`;

/** Node gives IPv4 addresses in IPv6 form on a socket that takes both. */
export const plainIp = (address: string | undefined): string => (address ?? 'unknown').replace(/^::ffff:/, '');
