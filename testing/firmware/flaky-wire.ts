import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

// RFC 5246, 6.2.1: type, version, length.
const HEADER = 5;
const APPLICATION_DATA = 23;

/** A point of a connection over TLS: one of the records of a side has come, and the next one does not. */
export interface Point {
  /** Whose records. @default 'broker' */
  readonly by?: 'broker' | 'board';
  /** Whether that record is one of the handshake or one with data. */
  readonly of: 'handshake' | 'data';
  /** How many of that kind have come. */
  readonly records: number;
  /** Whether half of the next one comes, too. */
  readonly half: boolean;
}

/** A wire to a server, which breaks when it is told to. */
export class FlakyWire {
  /** Whether new connections are taken, and then nothing comes and nothing goes. */
  silent = false;
  /** Whether new connections are ended at once. */
  refusing = false;
  /** Connections so far. */
  connections = 0;
  /** Where the next connection breaks: one that ends before leaves it to the one after it. */
  point: Point | undefined;
  /** The only connection that breaks there, counted from 1. @default whichever is the next */
  breaking: number | undefined;
  /** What has come so far: how many records, by connection, side and kind. `undefined`: nobody counts. */
  counts: Map<string, number> | undefined;
  /** Called where it broke; what the server has sent comes no further. `cut` ends it, and the board hears all that came before. */
  onPoint: (point: Point, cut: () => void) => void = () => undefined;
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
      const connection = this.connections;
      const isBreaking = this.point !== undefined && (this.breaking ?? connection) === connection;
      for (const [by, one, other] of [
        ['board', near, far],
        ['broker', far, near],
      ] as const) {
        this.#sockets.add(one);
        const breaks = isBreaking && (this.point?.by ?? 'broker') === by;
        if (breaks || this.counts !== undefined) this.#pass(one, other, breaks, `${connection} ${by}`);
        else one.pipe(other);
        one.on('error', () => undefined);
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  #pass(one: Socket, other: Socket, breaks: boolean, name: string): void {
    const passed = { handshake: 0, data: 0 };
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      for (;;) {
        const size = HEADER + (bytes.length < HEADER ? 0 : bytes.readUInt16BE(HEADER - 2));
        if (bytes.length < size || bytes.length < HEADER) return;
        const record = bytes.subarray(0, size);
        bytes = bytes.subarray(size);
        const of = record[0] === APPLICATION_DATA ? 'data' : 'handshake';
        const point = breaks ? this.point : undefined;
        const isThere = point?.of === of && point.records === passed[of];
        // A handshake that resumes a session has fewer records.
        if (point !== undefined && (isThere || (of === 'data' && point.of === 'handshake'))) {
          this.point = undefined;
          one.off('data', onData).resume();
          if (point.half) other.write(record.subarray(0, size / 2));
          this.onPoint({ ...point, of, records: passed[of] }, () => other.destroySoon());
          return;
        }
        passed[of]++;
        this.counts?.set(`${name} ${of}`, passed[of]);
        other.write(record);
      }
    };
    one.on('data', onData);
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
