import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { KeyPair } from './test-identities.ts';

/** A server that keeps count of what it is sent: nothing, if the client is careful. */
export class TlsServer {
  /** Bytes that came through TLS since the last call of receives(). */
  received = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #events = new EventEmitter();

  /**
   * @param onSecure what to do with a client whose handshake went well
   * @param clientAuthority whose certificates clients must have, in PEM
   * @param alpn the protocols that it offers (RFC 7301)
   */
  static async start(
    identity: KeyPair,
    onSecure: (socket: TLSSocket) => void = () => undefined,
    clientAuthority?: string,
    alpn?: string[],
  ): Promise<TlsServer> {
    const server = new TlsServer(identity, onSecure, clientAuthority, alpn);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  private constructor(
    identity: KeyPair,
    onSecure: (socket: TLSSocket) => void,
    clientAuthority: string | undefined,
    alpn: string[] | undefined,
  ) {
    this.#server = createServer({
      cert: identity.certificate,
      key: identity.key,
      maxVersion: 'TLSv1.2', // the newest that BearSSL and the ESP32's mbedTLS 2.28 speak
      ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
      ...(clientAuthority === undefined ? {} : { ca: clientAuthority, requestCert: true }),
    });
    this.#server.on('secureConnection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes: Buffer) => {
        this.received += bytes.length;
        this.#events.emit('data');
      });
      onSecure(socket);
    });
    // Sessions by id, since BearSSL has no tickets.
    const sessions = new Map<string, Buffer>();
    this.#server.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), session);
      done();
    });
    this.#server.on('resumeSession', (id: Buffer, done: (error: Error | null, session: Buffer | null) => void) =>
      done(null, sessions.get(id.toString('hex')) ?? null),
    );
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits until it was sent so much, and begins to count anew. */
  async receives(bytes: number): Promise<void> {
    const signal = AbortSignal.timeout(30_000);
    while (this.received < bytes) await once(this.#events, 'data', { signal });
    this.received = 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
