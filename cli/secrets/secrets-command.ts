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
 * The commands that give the board of a device its identity, as they succeed: a sketch holds the identity of one board, and that
 * of another is not replaced unasked.
 *
 * @param sites all devices of the fleet
 * @param keyFile of a device that made its own key
 */
export function identityCommands(
  device: { readonly name: string; readonly board: Board },
  sites: readonly Site[],
  names: FleetNames,
  keyFile: string | undefined,
): { readonly flash: string; readonly secrets: string } {
  const header = headerOf(device.board);
  const owner = existsSync(header) ? ownerOf(readFileSync(header, 'utf8')) : undefined;
  const isLike = (board: Board) => headerOf(board) === header;
  const others = sites.flatMap(({ devices }) => devices).filter((each) => each.name !== device.name && !each.revoked);
  // Where nobody has written it yet, whichever of them comes first will.
  const isTaken = owner === undefined ? others.some(({ board }) => isLike(board)) : owner !== names.thing(device.name);
  const key = keyFile === undefined ? '' : ` --key ${keyFile}`;
  return {
    flash: `bin/fleet flash ${device.name}${isTaken ? ' --force' : ''}${key}`,
    secrets: `bin/fleet secrets ${device.name}${isTaken ? ` --out ${ownHeaderOf(device.name)}` : ''}${key}`,
  };
}

/**
 * What lets the board of a device connect by a new identity.
 *
 * @param newest of its generations
 */
export function givingNewIdentity(
  device: Parameters<typeof identityCommands>[0],
  newest: { readonly csr?: { readonly path: string } } | undefined,
  { fleet, names }: Pick<WhichFleet, 'fleet' | 'names'>,
): string {
  const keyFile = newest?.csr?.path.replace(/\.csr$/, '.key'); // as --local-key calls it
  if (keyFile !== undefined && !existsSync(keyFile)) return 'give the board its new certificate';
  return `flash the board with its new identity: ${identityCommands(device, readFleet(fleet, names), names, keyFile).flash}`;
}
