import { constants, type X509Certificate } from 'node:crypto';
import { type AddressInfo } from 'node:net';
import { type TLSSocket, type Server, createServer } from 'node:tls';
import type { Log } from '../../log.ts';
import type { ServerIdentity } from '../certificate-authority.ts';
import { iotArn } from '../names.ts';
import type { Certificate, Registry } from '../registry/registry.ts';
import type { Broker } from './broker.ts';
import { plainIp, who } from './session.ts';

export interface MqttListenerOptions {
  readonly identity: ServerIdentity;
  readonly rootCaPem: string;
  readonly registry: Registry;
  readonly broker: Broker;
  readonly log: Log;
}

/**
 * The TLS port of the broker. It asks for a client certificate and lets in who has one that is registered here and ACTIVE;
 * anyone else is cut off before a byte of MQTT is read.
 */
export class MqttListener {
  readonly #options: MqttListenerOptions;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<TLSSocket>();

  constructor(options: MqttListenerOptions) {
    this.#options = options;
  }

  /** @param hosts the addresses to listen on, all with one port. Rejects with what the system says, e.g. EADDRINUSE. */
  async listen(port: number, hosts: readonly string[]): Promise<void> {
    for (const host of hosts) await this.#listenOn(this.#servers.length === 0 ? port : this.port, host);
  }

  async #listenOn(port: number, host: string): Promise<void> {
    const { identity, rootCaPem, log } = this.#options;
    const server = createServer({
      key: identity.privateKeyPem,
      cert: identity.certificatePem,
      ca: rootCaPem,
      minVersion: 'TLSv1.2',
      requestCert: true,
      // Whoever is refused is refused below, where the log can say why.
      rejectUnauthorized: false,
      // AWS IoT does not support session tickets (DG, transport-security).
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    server.on('secureConnection', (socket) => this.#accept(socket));
    server.on('tlsClientError', (error, socket) =>
      log.info(`TLS handshake with ${plainIp(socket.remoteAddress)} failed: ${error.message}`),
    );
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#servers.push(server);
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#servers[0]?.address() as AddressInfo).port;
  }

  /** Lets nobody in any more, ends all sessions, and closes the port. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    await this.#options.broker.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const presented = socket.getPeerX509Certificate();
    const certificate = presented && this.#options.registry.certificates.get(fingerprint(presented));
    const why = refusal(socket, presented, certificate);
    if (certificate && why === undefined) return this.#options.broker.accept(socket, certificate);
    this.#options.log.refused({
      who: who(undefined, presented && fingerprint(presented), plainIp(socket.remoteAddress)),
      certificateId: presented && fingerprint(presented),
      action: 'iot:Connect',
      resource: iotArn(this.#options.registry.account, 'client/*'),
      why: why ?? 'the certificate is not registered here',
    });
    // The peer may be gone already, and nobody waits for what becomes of this socket.
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

/** What AWS takes as the id of a certificate. */
const fingerprint = ({ fingerprint256 }: X509Certificate): string => fingerprint256.replaceAll(':', '').toLowerCase();

function refusal(
  { authorized, authorizationError }: TLSSocket,
  presented: X509Certificate | undefined,
  certificate: Certificate | undefined,
): string | undefined {
  if (!presented) return 'no client certificate was presented';
  if (!authorized) return `the certificate is not signed by this cloud's CA (${String(authorizationError)})`;
  if (!certificate) return 'the certificate is not registered here';
  return certificate.status === 'ACTIVE' ? undefined : `the certificate is ${certificate.status}`;
}
