import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A wire to a server, which breaks when it is told to. */
export class FlakyWire {
  /** Whether new connections are taken, and then nothing comes and nothing goes. */
  silent = false;
  /** Whether new connections are ended at once. */
  refusing = false;
  /** Connections so far. */
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(to: number) {
    this.#server = createServer((near) => {
      this.connections++;
      if (this.refusing) {
        near.on('error', () => undefined).resetAndDestroy();
        return;
      }
      if (this.silent) {
        this.#sockets.add(near);
        near.on('error', () => undefined).on('close', () => this.#sockets.delete(near));
        return;
      }
      const far = connect(to, '127.0.0.1');
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one.on('error', () => undefined);
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  /** @param host where boards look for it */
  static async start(to: number, host = '127.0.0.1'): Promise<FlakyWire> {
    const wire = new FlakyWire(to);
    wire.#server.listen(0, host);
    await once(wire.#server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Cuts all connections, with whatever is under way in them. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
