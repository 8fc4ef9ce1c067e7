import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetNames } from '../../lib/fleet/names.ts';
import { readFleet, type Site } from '../../lib/fleet/read.ts';
import { type Board, chipFamily } from '../../lib/fleet/schema.ts';
import type { WhichFleet } from '../fleet/fleet-device.ts';
import { ownerOf } from './secrets-header.ts';

/** The header that the sketch for a board includes. */
export function headerOf(board: Board): string {
  return join('firmware', `${chipFamily(board)}-telemetry`, 'secrets.h');
}

/** Where a device has a header of its own, in a folder that git ignores. */
export function ownHeaderOf(device: string): string {
  return join('secrets', device, 'secrets.h');
}

/**
 * The command that writes a device's identity, as it succeeds: a sketch holds the identity of one board, and that of another
 * is not replaced unasked.
 *
 * @param sites all devices of the fleet
 */
export function secretsCommand(
  device: { readonly name: string; readonly board: Board },
  sites: readonly Site[],
  names: FleetNames,
): string {
  const header = headerOf(device.board);
  const owner = existsSync(header) ? ownerOf(readFileSync(header, 'utf8')) : undefined;
  const isLike = (board: Board) => headerOf(board) === header;
  const others = sites.flatMap(({ devices }) => devices).filter((each) => each.name !== device.name && !each.revoked);
  // Where nobody has written it yet, whichever of them comes first will.
  const isTaken = owner === undefined ? others.some(({ board }) => isLike(board)) : owner !== names.thing(device.name);
  return `bin/fleet secrets ${device.name}${isTaken ? ` --out ${ownHeaderOf(device.name)}` : ''}`;
}

/**
 * What lets the board of a device connect by a new identity.
 *
 * @param newest of its generations
 */
export function givingNewIdentity(
  device: Parameters<typeof secretsCommand>[0],
  newest: { readonly csr?: unknown } | undefined,
  { fleet, names }: Pick<WhichFleet, 'fleet' | 'names'>,
): string {
  if (newest?.csr !== undefined) return 'give the board its new certificate';
  return `flash the board with its new identity: ${secretsCommand(device, readFleet(fleet, names), names)}`;
}
