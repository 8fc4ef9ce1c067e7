import { existsSync, readFileSync } from 'node:fs';
import type { ChipFamily } from '../../lib/fleet/schema.ts';

/** An identity in a board's flash, as FleetIdentity lays it out (identity/Stored.h, Slots.h). */
export interface StoredIdentity {
  readonly device: string;
  readonly certificateId: string;
  readonly certificatePem: string;
  /** The private key, 32 bytes. */
  readonly key: Buffer;
  /** Whether it was used. */
  readonly used: boolean;
}

const AREA_BYTES = 4096;
const BODY_AT = 512;
/** Of the last four sectors, the last two. */
const AREAS = [2, 3];
const SECTORS = 8;

/** What stands in the two slots, newest first; a slot without anything is left out. */
export function identitiesIn(chip: ChipFamily, flash: string): StoredIdentity[] {
  return AREAS.map((area) => areaOf(chip, flash, area))
    .filter((bytes) => bytes.readUInt32LE(4) !== 0xffffffff)
    .sort((a, b) => b.readUInt32LE(4) - a.readUInt32LE(4))
    .map((bytes) => {
      const text = (at: number): string => bytes.toString('latin1', at, bytes.indexOf(0, at));
      const keyAt = 16 + 65 + 129 + 65 + 1 + 2; // head, device, host, certificate's id, filling, port
      return {
        device: text(16),
        certificateId: text(16 + 65 + 129),
        certificatePem: bytes.toString('latin1', BODY_AT, BODY_AT + bytes.readUInt32LE(8)),
        key: bytes.subarray(keyAt, keyAt + 32),
        used: bytes.readUInt32LE(AREA_BYTES - 4) === 0,
      };
    });
}

/** Every private key that is in flash: of the identities, and of what is asked for (StoredSettings). */
export function keysIn(chip: ChipFamily, flash: string): Buffer[] {
  const keyAt = 16 + 33 + 65 + 65 + 65 + 129 + 1 + 1 + 1 + 2; // head, Wi-Fi, device, code, host, request, whether there is one, filling, port
  const asked = [0, 1].map((area) => areaOf(chip, flash, area).subarray(keyAt, keyAt + 32));
  return [...identitiesIn(chip, flash).map(({ key }) => key), ...asked];
}

function areaOf(chip: ChipFamily, flash: string, area: number): Buffer {
  return chip === 'esp8266' ? sector(`${flash}.nor`, area) : entries(`${flash}.nvs`, area);
}

function sector(file: string, area: number): Buffer {
  const all = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  // The board is about to write all of it for the first time.
  if (all.length < SECTORS * AREA_BYTES) return Buffer.alloc(AREA_BYTES, 0xff);
  const at = (SECTORS - 4 + area) * AREA_BYTES;
  return all.subarray(at, at + AREA_BYTES);
}

/** Entries are `<area>-<block>`, blocks of 256 bytes, each as key, size and bytes (board/esp32/Preferences.cpp). */
function entries(file: string, area: number): Buffer {
  const all = Buffer.alloc(AREA_BYTES, 0xff);
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  for (let at = 0; at < bytes.length;) {
    const [head = '', key = '', size = '0'] = /^(\S+) (\d+) /.exec(bytes.toString('latin1', at, at + 32)) ?? [];
    if (head === '') throw new Error(`${file} is no NVS`);
    const [owner, block] = key.split('-');
    if (Number(owner) === area) bytes.copy(all, Number(block) * 256, at + head.length, at + head.length + Number(size));
    at += head.length + Number(size);
  }
  return all;
}
