// By hand before mqtt-packet, by which aedes reads: that one lets pass what the standard has a server close the connection for.

import { isUtf8 } from 'node:buffer';

/** Why a connection ends, and what is said to the client before. */
export interface Violation {
  readonly why: string;
  readonly answer?: Buffer;
}

const [CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE] = [1, 3, 8, 10];

/** CONNACK with "unacceptable protocol version": in MQTT 3.1.1 code 1, in MQTT 5 reason 0x84 and no properties. */
export const connackOfVersion = (level: number): Buffer =>
  level === 5 ? Buffer.from([0x20, 3, 0, 0x84, 0]) : Buffer.from([0x20, 2, 0, 1]);

/** Reads the fields of a packet; past its end it throws, which leaves the packet to aedes' own parser. */
class Fields {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++);
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }

  data(): Buffer {
    const length = this.int16();
    if (this.#at + length > this.#bytes.length) throw new RangeError();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/**
 * What MQTT 3.1.1 has a server close the connection for, and aedes lets pass. The numbers are those of the standard's
 * statements.
 */
export class PacketCheck {
  #waiting: Buffer[] = [];
  /** Bytes without which nothing more can be said. */
  #missing = 0;

  /** Looks at what a client has sent. @returns what is wrong with the first packet that is */
  push(bytes: Buffer): Violation | undefined {
    this.#waiting.push(bytes);
    this.#missing -= bytes.length;
    if (this.#missing > 0) return undefined; // or a large packet would be copied at each of its parts
    let rest = this.#waiting.length === 1 ? bytes : Buffer.concat(this.#waiting);
    for (;;) {
      const length = packetLength(rest);
      const whole = length === undefined ? rest.length + 1 : length.header + length.body;
      this.#missing = whole - rest.length;
      if (length === undefined || this.#missing > 0) break;
      const violation = problemOf(rest[0] as number, rest.subarray(length.header, whole));
      if (violation) return violation;
      rest = rest.subarray(whole);
    }
    this.#waiting = rest.length === 0 ? [] : [rest];
    return undefined;
  }
}

function packetLength(bytes: Buffer): { readonly header: number; readonly body: number } | undefined {
  let body = 0;
  for (let digit = 0; digit < 4; digit += 1) {
    const byte = bytes[digit + 1];
    if (byte === undefined) return undefined;
    body += (byte & 127) * 128 ** digit;
    if (byte < 128) return { header: digit + 2, body };
  }
  return { header: 5, body: 0 }; // no length at all, which the parser says
}

function problemOf(first: number, body: Buffer): Violation | undefined {
  try {
    const fields = new Fields(body);
    switch (first >> 4) {
      case CONNECT:
        return connectProblem(fields);
      case PUBLISH:
        return violation(publishProblem((first >> 1) & 3, (first & 8) !== 0, fields));
      case SUBSCRIBE:
        return violation(filtersProblem('SUBSCRIBE', fields, true));
      case UNSUBSCRIBE:
        return violation(filtersProblem('UNSUBSCRIBE', fields, false));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

const violation = (why: string | undefined): Violation | undefined => (why === undefined ? undefined : { why });

function connectProblem(fields: Fields): Violation | undefined {
  const name = fields.data().toString();
  const level = fields.byte();
  if (!['MQIsdp 3', 'MQTT 4', 'MQTT 5'].includes(`${name} ${level}`)) {
    return {
      why: `the protocol ${JSON.stringify(name)} of level ${level} is none of MQTT`,
      answer: connackOfVersion(level),
    };
  }
  if (level !== 4) return undefined; // refused with its client id
  const flags = fields.byte();
  fields.int16();
  if ((flags & 0x80) === 0 && (flags & 0x40) !== 0) return { why: 'a password without a user name (MQTT-3.1.2-22)' };
  const texts = ['client id', ...((flags & 4) !== 0 ? ['topic of the last will'] : [])];
  const problem = texts.map((what) => textProblem(fields.data(), what)).find((each) => each !== undefined);
  return violation(problem);
}

function publishProblem(qos: number, isDuplicate: boolean, fields: Fields): string | undefined {
  if (qos === 0 && isDuplicate) return 'DUP is set on a PUBLISH of QoS 0 (MQTT-3.3.1-2)';
  const problem = textProblem(fields.data(), 'topic');
  if (problem !== undefined) return problem;
  return qos > 0 && fields.int16() === 0 ? packetIdProblem('PUBLISH') : undefined;
}

function filtersProblem(packet: string, fields: Fields, hasQos: boolean): string | undefined {
  if (fields.int16() === 0) return packetIdProblem(packet);
  if (fields.isAtEnd) return `${packet} without a topic filter (MQTT-3.8.3-3, MQTT-3.10.3-2)`;
  while (!fields.isAtEnd) {
    const filter = fields.data();
    const problem = textProblem(filter, 'topic filter') ?? wildcardProblem(filter.toString());
    if (problem !== undefined) return problem;
    if (hasQos) fields.byte();
  }
  return undefined;
}

const packetIdProblem = (packet: string): string => `${packet} with the packet id 0 (MQTT-2.3.1-1)`;

const textProblem = (bytes: Buffer, what: string): string | undefined =>
  !isUtf8(bytes)
    ? `the ${what} is no UTF-8 (MQTT-1.5.3-1)`
    : bytes.includes(0)
      ? `the ${what} has a NUL (MQTT-1.5.3-2)`
      : undefined;

function wildcardProblem(filter: string): string | undefined {
  if (filter === '') return 'an empty topic filter (MQTT-4.7.3-1)';
  const levels = filter.split('/');
  const isWrong = levels.some(
    (level, index) =>
      (level.includes('+') && level !== '+') || (level.includes('#') && (level !== '#' || index < levels.length - 1)),
  );
  return isWrong ? `the topic filter ${filter} has a wildcard beside other characters (MQTT-4.7.1-2, -3)` : undefined;
}
