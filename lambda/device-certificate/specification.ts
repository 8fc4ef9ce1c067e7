import { fingerprintOf } from './certificate-request.ts';
import type { DeviceProperties } from './event.ts';

/** Of a device with nothing but a board in its entry. */
export const FIRST_SPECIFICATION = '1 ec';

/**
 * What the fleet file asks an identity to be, in a line: `<generation> ec`, `<generation> rsa`, or
 * `<generation> csr:<fingerprint>`. As long as it stays, so does the identity; another one is another certificate.
 *
 * @throws {Error} when the device's own request is not valid
 */
export async function specificationOf({ generation, keyType, csr }: DeviceProperties): Promise<string> {
  return `${generation} ${csr === undefined ? keyType : `csr:${await fingerprintOf(csr)}`}`;
}

/** As people know it from the fleet file. */
export function generationOf(specification: string): number {
  return Number.parseInt(specification, 10);
}
