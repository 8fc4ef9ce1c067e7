import type { TLSSocket } from 'node:tls';
import type { Client } from 'aedes';
import { saidDisconnect } from './aedes-internals.ts';
import type { DisconnectReason, Session } from './session.ts';

/** How long AWS remembers that a client was connected (API Reference, GetConnection). */
const REMEMBERED_MS = 30 * 60 * 1000;

/** A session that ended. */
export interface EndedSession {
  readonly session: Session;
  /** Milliseconds since 1970. */
  readonly disconnectedSince: number;
  readonly reason: DisconnectReason;
}

/** All connections with a registered certificate, and the last end of each client id. */
export class Sessions {
  readonly #all = new Map<Client, Session>();
  readonly #connected = new Map<string, Session>();
  readonly #ended = new Map<string, EndedSession>();
  readonly #onEnd: (ended: EndedSession) => void;

  constructor(onEnd: (ended: EndedSession) => void) {
    this.#onEnd = onEnd;
  }

  /** Keeps a session until its socket closes. */
  add(session: Session, socket: TLSSocket): void {
    this.#all.set(session.client, session);
    socket.once('close', () => this.#end(session));
  }

  of(client: Client | null): Session | undefined {
    return client ? this.#all.get(client) : undefined;
  }

  /** The session that holds a client id. */
  connected(clientId: string): Session | undefined {
    return this.#connected.get(clientId);
  }

  ended(clientId: string): EndedSession | undefined {
    return this.#ended.get(clientId);
  }

  withCertificate(id: string): Session[] {
    return [...this.#all.values()].filter(({ certificate }) => certificate.id === id);
  }

  /** Gives a session its client id. Whoever held it is to be ended by the caller. */
  setConnected(session: Session, clientId: string): void {
    session.connectedSince = Date.now();
    this.#connected.set(clientId, session);
    this.#ended.delete(clientId);
  }

  /** Ends a session and waits until its socket is closed. */
  async close(session: Session, reason: DisconnectReason): Promise<void> {
    session.disconnectReason ??= reason;
    const { client } = session;
    if (client.conn.closed) return;
    const closed = new Promise((resolve) => client.conn.once('close', resolve));
    client.close();
    await closed;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#all.values()].map((session) => this.close(session, 'SERVER_INITIATED_DISCONNECT')));
  }

  #end(session: Session): void {
    this.#all.delete(session.client);
    const clientId = session.connect?.clientId;
    if (clientId === undefined || session.connectedSince === undefined) return;
    const ended = { session, disconnectedSince: Date.now(), reason: this.#reason(session, clientId) };
    if (this.#connected.get(clientId) === session) {
      this.#connected.delete(clientId);
      this.#remember(clientId, ended);
    }
    this.#onEnd(ended);
  }

  #reason({ client, disconnectReason }: Session, clientId: string): DisconnectReason {
    if (disconnectReason) return disconnectReason;
    if (saidDisconnect(client)) return 'CLIENT_INITIATED_DISCONNECT';
    // aedes ends the older of two itself.
    const taken = [...this.#all.values()].some(({ connect }) => connect?.clientId === clientId);
    return taken ? 'DUPLICATE_CLIENTID' : 'CONNECTION_LOST';
  }

  // The oldest stand first, since a client id is put at the end whenever its session ends.
  #remember(clientId: string, ended: EndedSession): void {
    this.#ended.delete(clientId);
    this.#ended.set(clientId, ended);
    for (const [id, { disconnectedSince }] of this.#ended) {
      if (disconnectedSince > Date.now() - REMEMBERED_MS) break;
      this.#ended.delete(id);
    }
  }
}
