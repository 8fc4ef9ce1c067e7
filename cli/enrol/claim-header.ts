import type { FleetNames } from '../../lib/fleet/names.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';

/** What `claim.h` is made of. */
export interface ClaimHeader {
  readonly names: FleetNames;
  readonly ingest: FleetSettings['ingest'];
  /** In PEM, one after the other. */
  readonly rootCertificates: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The thing of the claim that a header has; undefined when "fleet enrol" has not written it. */
export const claimIn = (header: string): string | undefined =>
  /^\/\/ The claim (\S+), written by "fleet enrol/.exec(header)?.[1];

/** The text of `claim.h`, the same for all boards of a fleet, of either chip. Names end where that of a device follows. */
export function claimHeader({ names, ingest, rootCertificates, certificatePem, privateKeyPem }: ClaimHeader): string {
  const text = (name: string, value: string) => `#define ${name} ${JSON.stringify(value)}\n`;
  // In flash on the ESP8266 as well, which would copy everything else into its RAM.
  const pem = (name: string, value: string) => `static const char ${name}[] PROGMEM = R"PEM(${value.trim()}\n)PEM";\n`;
  return `// The claim ${names.claim}, written by "fleet enrol --header". It holds a private key: never commit or share it.
#pragma once

#include <pgmspace.h>

// How a board connects that has no identity yet: with this, and something of its own behind it.
${text('CLAIM_CLIENT_ID', `${names.claim}-`)}
// Where AWS IoT makes certificates, and attaches them.
${text('CERTIFICATE_TOPIC', names.enrolmentTopics[0])}${text('PROVISIONING_TOPIC', names.enrolmentTopics[1])}
// The thing of a device, and where it publishes, leaves its last will, and receives: each begins so, and goes on with its name.
${text('THING_PREFIX', names.thing(''))}${text('TELEMETRY_ROOT', names[TELEMETRY[ingest]](''))}${text('WILL_ROOT', names.telemetryTopic(''))}${text('COMMAND_ROOT', names.commandTopic(''))}
// Whom the board trusts to be the broker.
${pem('AWS_CERT_CA', rootCertificates)}
// Who the board is until it has an identity.
${pem('CLAIM_CERT_CRT', certificatePem)}
${pem('CLAIM_CERT_PRIVATE', privateKeyPem)}`;
}

const TELEMETRY = { broker: 'telemetryTopic', basic: 'basicIngestTopic' } as const;
