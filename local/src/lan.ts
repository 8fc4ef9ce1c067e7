import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** TEST-NET-1 (RFC 5737): nobody's address, to which the default route leads all the same. */
const ELSEWHERE = '192.0.2.1';

/**
 * The address at which boards of the network around reach this machine.
 *
 * @param asked such as `192.168.1.5`, or true for the one that this machine sends from
 * @throws {Error} when it is none, or there is none: one line that says what is allowed
 */
export async function lanAddress(asked: string | true): Promise<string> {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
  if (asked !== true) {
    if (isIPv4(asked) && own.includes(asked)) return asked;
    throw new Error(`--lan ${asked} is no IPv4 address of this machine in a network; ${allowed(own)}`);
  }
  const [only, another] = own;
  const address = another === undefined ? only : await sendingAddress();
  if (address !== undefined && own.includes(address)) return address;
  throw new Error(`--lan finds no network around this machine, or several; ${allowed(own)}`);
}

/** What was opened, to whom, and how it is closed: a paragraph for people. */
export function lanNotice({ mqttAddress }: { readonly mqttAddress: string }): string {
  const { hostname, port } = new URL(`mqtts://${mqttAddress}`);
  return (
    `LAN: the MQTT broker listens on ${hostname}:${port || 8883} as well. Whoever reaches this address may try to connect; ` +
    'who has a certificate of this cloud gets in. The AWS APIs stay on 127.0.0.1. Without --lan it is closed again. ' +
    'If boards do not reach it, let that port through the firewall of this machine.'
  );
}

const allowed = (own: readonly string[]): string =>
  own.length === 0 ? 'it has none: connect it to the network of your boards' : `allowed: ${own.join(', ')}`;

/** The address that the default route sends from; nothing is sent. */
async function sendingAddress(): Promise<string | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.connect(9, ELSEWHERE);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    return undefined; // there is no such route
  } finally {
    socket.close();
  }
}
