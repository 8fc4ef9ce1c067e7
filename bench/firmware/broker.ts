import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { KeyPair } from '../../testing/firmware/test-identities.ts';

/** Bytes of one connection, by direction. */
export interface Traffic {
  toBroker: number;
  toBoard: number;
}

/**
 * A server that verifies boards, resumes their sessions by id, as BearSSL asks (it has no tickets), and counts bytes. It
 * answers every byte with "!".
 */
export class Broker {
  /** One for each connection. */
  readonly connections: Traffic[] = [];
  /** Whether each handshake resumed a session. */
  readonly resumed: boolean[] = [];
  readonly #tls: Server;
  readonly #counter: Server;
  readonly #sockets = new Set<Socket>();

  /** @param devices the certificate authority of the boards, in PEM */
  static async start(identity: KeyPair, devices: string): Promise<Broker> {
    const broker = new Broker(identity, devices);
    for (const server of [broker.#tls, broker.#counter]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return broker;
  }

  private constructor({ certificate, key }: KeyPair, devices: string) {
    const sessions = new Map<string, Buffer>();
    this.#tls = createTlsServer(
      { cert: certificate, key, ca: devices, requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' },
      (socket) => {
        this.resumed.push(socket.isSessionReused());
        socket.on('error', () => undefined).on('data', () => socket.write('!'));
      },
    );
    this.#tls.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), session);
      done();
    });
    this.#tls.on('resumeSession', (id: Buffer, done: (error: null, session: Buffer | null) => void) =>
      done(null, sessions.get(id.toString('hex')) ?? null),
    );
    this.#counter = createServer((board) => this.#count(board));
  }

  get port(): number {
    return (this.#counter.address() as AddressInfo).port;
  }

  #count(board: Socket): void {
    const broker = connect((this.#tls.address() as AddressInfo).port, '127.0.0.1');
    const traffic = { toBroker: 0, toBoard: 0 };
    this.connections.push(traffic);
    board.on('data', (chunk: Buffer) => (traffic.toBroker += chunk.length));
    broker.on('data', (chunk: Buffer) => (traffic.toBoard += chunk.length));
    for (const socket of [board, broker]) this.#sockets.add(socket.on('error', () => undefined));
    board.pipe(broker).pipe(board);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#counter, this.#tls]) {
      server.close();
      await once(server, 'close');
    }
  }
}
