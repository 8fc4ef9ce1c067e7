import { AMAZON_ROOT_CA_1, AMAZON_ROOT_CA_3 } from './amazon-root-cas.ts';
import { CliError } from '../terminal/cli-error.ts';

/**
 * The root certificates, in PEM, by which a device knows its broker: Amazon's two (the chain is RSA or ECDSA by what
 * was negotiated), or where AWS_ENDPOINT_URL names the local cloud, the one it serves there.
 */
export async function rootCertificates(): Promise<string> {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (endpoint === undefined) return AMAZON_ROOT_CA_1 + AMAZON_ROOT_CA_3;
  const url = new URL('/root-ca.pem', endpoint);
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok || !text.startsWith('-----BEGIN CERTIFICATE-----')) {
    throw new CliError(
      `${url.href} holds no root certificate (HTTP status ${response.status}); AWS_ENDPOINT_URL has to name the local cloud`,
    );
  }
  return text;
}
