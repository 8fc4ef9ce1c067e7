import type { Wifi } from './ask-wifi.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { type Board, chipFamily, type ChipFamily, type FleetSettings } from '../../lib/fleet/schema.ts';
import type { Identity, PublicIdentity } from './identity.ts';

/** What `secrets.h` is made of. */
export interface Secrets {
  /** Of the fleet of the device. */
  readonly names: FleetNames;
  readonly board: Board;
  /** Without a private key when something else on the board keeps that. */
  readonly identity: Identity | PublicIdentity;
  /** In PEM, one after the other. */
  readonly rootCertificates: string;
  readonly ingest: FleetSettings['ingest'];
  /** The file that this one replaces: what a person filled in for the Wi-Fi is kept. @default none */
  readonly former?: string | undefined;
}

const NO_SSID = '"your network"';

/** Whether a person has filled in the Wi-Fi. */
export const hasWifi = (header: string): boolean => !definitionIn(header, 'WIFI_SSID')?.startsWith(NO_SSID);

/** A header with a Wi-Fi filled in. */
export function withWifi(header: string, { ssid, password }: Wifi): string {
  // Text without control characters is a string of C as JSON writes it.
  return Object.entries({ WIFI_SSID: ssid, WIFI_PASSWORD: password }).reduce(
    (text, [name, value]) =>
      text.replace(new RegExp(`^(#define ${name}) .*$`, 'm'), (_, define) => `${define} ${JSON.stringify(value)}`),
    header,
  );
}

/** The first line of what "fleet secrets" writes. */
export const titleOf = (thing: string): string => `The identity of ${thing}, written by "fleet secrets".`;

/** Whose identity a file is; undefined when it says nothing of that, so that "fleet secrets" has not written it. */
export const ownerOf = (text: string): string | undefined =>
  /^#define THING_NAME "([^"]*)"/m.exec(text)?.[1] ?? /^(?:\/\/|#) The identity of (\S+), written by/m.exec(text)?.[1];

/** Whether a person has begun a header with the Wi-Fi alone. */
export const isBegun = (header: string): boolean =>
  header.trim() === '' || definitionIn(header, 'WIFI_SSID') !== undefined;

/** The text of `secrets.h`, which a sketch includes. */
export function secretsHeader({ names, board, identity, rootCertificates, ingest, former = '' }: Secrets): string {
  const family = chipFamily(board);
  const { device } = identity;
  const pem = FORM_OF_PEM[family];
  const privateKey = 'privateKeyPem' in identity ? identity.privateKeyPem : undefined;
  const warning =
    privateKey === undefined
      ? 'Never commit it: it may hold the password of a Wi-Fi.'
      : 'It holds a private key: never commit or share it.';
  return `// ${titleOf(identity.thingName)} ${warning}
#pragma once

${INCLUDES[family]}#define WIFI_SSID ${definitionIn(former, 'WIFI_SSID') ?? NO_SSID}
#define WIFI_PASSWORD ${definitionIn(former, 'WIFI_PASSWORD') ?? '"your password"'}

#define THING_NAME ${JSON.stringify(identity.thingName)}
#define AWS_IOT_ENDPOINT ${JSON.stringify(identity.host)}
#define AWS_IOT_PORT ${identity.port}

// Below which it publishes, leaves its last will, and receives.
#define TELEMETRY_TOPIC "${names[TELEMETRY_TOPIC[ingest]](device)}/"
#define WILL_TOPIC "${names.telemetryTopic(device)}/"
#define COMMAND_TOPIC "${names.commandTopic(device)}/"

// Whom the board trusts to be the broker.
${pem('AWS_CERT_CA', rootCertificates)}
// Who the board is.
${pem('AWS_CERT_CRT', identity.certificatePem)}${privateKey === undefined ? '' : `\n${pem('AWS_CERT_PRIVATE', privateKey)}`}`;
}

// A will always goes by the broker: AWS does not say what becomes of one for basic ingest.
const TELEMETRY_TOPIC = { broker: 'telemetryTopic', basic: 'basicIngestTopic' } as const;

const INCLUDES: Readonly<Record<ChipFamily, string>> = { esp8266: '#include <pgmspace.h>\n\n', esp32: '' };

const FORM_OF_PEM: Readonly<Record<ChipFamily, (name: string, pem: string) => string>> = {
  // Raw strings in flash: the ESP8266 would copy everything else into its RAM.
  esp8266: (name, pem) => `static const char ${name}[] PROGMEM = R"PEM(${pem.trim()}\n)PEM";\n`,
  esp32: (name, pem) => `static const char ${name}[] =\n${literals(pem)};\n`,
};

function literals(pem: string): string {
  const lines = pem.trim().split('\n');
  return lines.map((line) => `    "${line}\\n"`).join('\n');
}

/** All that stands behind the name, comments included, also on lines that a backslash joins to it. */
function definitionIn(header: string, name: string): string | undefined {
  const definition = new RegExp(`^[ \\t]*#[ \\t]*define[ \\t]+${name}[ \\t]+(\\S(?:.*\\\\\\r?\\n)*.*)$`, 'm');
  return definition.exec(header)?.[1]?.trimEnd();
}
