import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { brokerEndpoint } from '../../cli/aws/connection.ts';
import { type Answer, answered } from './probe.ts';

/*
 * Whether the broker sends records as short as a board asks for: the extension max_fragment_length of TLS 1.2 (RFC 6066,
 * section 4). Node.js cannot ask for it, so this sends a ClientHello of its own and reads what comes until ServerHelloDone,
 * none of which is encrypted (RFC 5246, sections 6.2.1 and 7.3).
 */

const PATIENCE_MS = 20_000;

/** 2^9 bytes. */
const CODE_512 = 1;
const WANTED = 512;

const HANDSHAKE = 22;
const SERVER_HELLO = 2;
const SERVER_HELLO_DONE = 14;
const MAX_FRAGMENT_LENGTH = 1;

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const vector8 = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([bytes.length]), bytes]);
const vector16 = (...parts: readonly Buffer[]): Buffer => {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([uint16(bytes.length), bytes]);
};
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([uint16(type), vector16(body)]);

function clientHello(host: string): Buffer {
  const uint16s = (...values: readonly number[]) => vector16(...values.map(uint16));
  const hello = Buffer.concat([
    uint16(0x0303), // TLS 1.2
    randomBytes(32),
    vector8(Buffer.alloc(0)), // no session
    uint16s(0xc02f, 0xc02b, 0x009c), // AES-128-GCM by ECDHE with RSA, with ECDSA, and by RSA
    vector8(Buffer.from([0])), // no compression
    vector16(
      extension(0, vector16(Buffer.from([0]), vector16(Buffer.from(host)))), // server_name
      extension(MAX_FRAGMENT_LENGTH, Buffer.from([CODE_512])),
      extension(10, uint16s(0x0017)), // supported_groups: P-256
      extension(11, vector8(Buffer.from([0]))), // ec_point_formats: uncompressed
      extension(13, uint16s(0x0403, 0x0401, 0x0501, 0x0601)), // signature_algorithms: ECDSA and RSA, by SHA-256 and longer
    ),
  ]);
  const message = Buffer.concat([Buffer.from([1, 0]), uint16(hello.length), hello]);
  return Buffer.concat([Buffer.from([HANDSHAKE]), uint16(0x0301), vector16(message)]);
}

interface Flight {
  readonly hasAgreed: boolean;
  /** Of the records until ServerHelloDone, in bytes. */
  readonly longest: number;
}

/** @returns undefined as long as more is to come */
function flightIn(received: Buffer): Flight | undefined {
  let longest = 0;
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= received.length;) {
    const length = received.readUInt16BE(at + 3);
    if (received[at] !== HANDSHAKE) throw new Error(`the broker answers with a TLS record of type ${received[at]}`);
    if (at + 5 + length > received.length) break;
    longest = Math.max(longest, length);
    messages.push(received.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  const handshake = Buffer.concat(messages);
  let hasAgreed = false;
  for (let at = 0; at + 4 <= handshake.length;) {
    const end = at + 4 + handshake.readUIntBE(at + 1, 3);
    if (end > handshake.length) return undefined;
    if (handshake[at] === SERVER_HELLO)
      hasAgreed = extensionsOf(handshake.subarray(at + 4, end)).has(MAX_FRAGMENT_LENGTH);
    if (handshake[at] === SERVER_HELLO_DONE) return { hasAgreed, longest };
    at = end;
  }
  return undefined;
}

function extensionsOf(serverHello: Buffer): Set<number> {
  const types = new Set<number>();
  // Version, random, session, suite, compression; then the length of the extensions, if there are any.
  for (let at = 34 + 1 + (serverHello[34] ?? 0) + 3 + 2; at + 4 <= serverHello.length;) {
    types.add(serverHello.readUInt16BE(at));
    at += 4 + serverHello.readUInt16BE(at + 2);
  }
  return types;
}

/** @throws {Error} when the connection ends before the flight does, or what comes is none */
async function firstFlight(socket: Socket): Promise<Flight> {
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    const flight = flightIn(received);
    if (flight !== undefined) return flight;
  }
  throw new Error('the broker ends the TLS handshake');
}

const SHORT = `agrees, no record above ${WANTED} bytes`;

/** What the broker at an address does of it, in words. */
async function fragmentsOf({ host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  const socket = connect({ host, port });
  try {
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`${host}:${port} does not finish its TLS flight`)));
    socket.write(clientHello(host));
    const { hasAgreed, longest } = await firstFlight(socket);
    if (hasAgreed && longest <= WANTED) return SHORT;
    return hasAgreed
      ? `agrees, and sends a record of ${longest} bytes`
      : longest <= WANTED
        ? 'ignored, and short'
        : 'ignored';
  } finally {
    socket.destroy();
  }
}

export async function askFragments(): Promise<Answer[]> {
  return [
    answered(
      {
        question: `the broker takes max_fragment_length, here ${WANTED}`,
        assumed: SHORT,
        // The sketches hold what a record may have at the most, unless a board says otherwise (firmware/README.md).
        open: {
          answers: { ignored: 'FLEET_TLS_RECEIVE_BYTES must stay as it is', 'ignored, and short': 'as ignored' },
        },
      },
      await fragmentsOf(await brokerEndpoint()),
    ),
  ];
}
