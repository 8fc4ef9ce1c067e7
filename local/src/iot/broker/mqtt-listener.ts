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
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();

  constructor(options: MqttListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      key: options.identity.privateKeyPem,
      cert: options.identity.certificatePem,
      ca: options.rootCaPem,
      minVersion: 'TLSv1.2',
      requestCert: true,
      // Whoever is refused is refused below, where the log can say why.
      rejectUnauthorized: false,
      // AWS IoT does not support session tickets (DG, transport-security).
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    this.#server.on('secureConnection', (socket) => this.#accept(socket));
    this.#server.on('tlsClientError', (error, socket) =>
      options.log.info(`TLS handshake with ${plainIp(socket.remoteAddress)} failed: ${error.message}`),
    );
  }

  /** Rejects with what the system says, e.g. EADDRINUSE. */
  async listen(port: number, host: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  /** The port it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lets nobody in any more, ends all sessions, and closes the port. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await this.#options.broker.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
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
