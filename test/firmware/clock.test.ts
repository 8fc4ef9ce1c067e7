import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Board } from '../../testing/firmware/board.ts';
import { BROKER_HOST, CACHE } from '../../testing/firmware/build.ts';
import { built, canBuildFirmware } from '../../testing/firmware/requirements.ts';
import { daysFromNow, issue, testIdentities } from '../../testing/firmware/test-identities.ts';
import { TlsServer } from '../../testing/firmware/tls-server.ts';

/*
 * The ESP8266 starts in 1970, and verifies dates: where NTP is blocked it has to make do.
 */

const NO_CLOCK = /clock \(0\): no NTP server has answered, so the time is not known/;

describe.skipIf(!canBuildFirmware())('the clock of an ESP8266', () => {
  let executable: string;
  /** A broker whose certificate was made years ago, and one whose certificate was made an hour ago. */
  let old: TlsServer;
  let fresh: TlsServer;
  const folder = mkdtempSync(join(tmpdir(), 'flash-'));
  const flash = join(folder, 'flash');

  beforeAll(async () => {
    executable = await built('esp8266-ec');
    const { ecRoot } = await testIdentities(CACHE);
    old = await TlsServer.start(await issue(ecRoot, { name: BROKER_HOST, host: BROKER_HOST }));
    const valid = { from: daysFromNow(-1 / 24), to: daysFromNow(30) };
    fresh = await TlsServer.start(await issue(ecRoot, { name: BROKER_HOST, host: BROKER_HOST, valid }));
  }, 60_000);
  afterAll(async () => {
    await old?.stop();
    await fresh?.stop();
    rmSync(folder, { recursive: true });
  });

  it('goes on with the time of the build when NTP is blocked, and names that', async () => {
    const board = new Board(executable, { port: old.port, ntp: 'off' });
    await old.receives(1);
    expect(board.serial).toMatch(NO_CLOCK);
    await board.stop();
  });

  it('names NTP as the cause when the certificate is newer than any time it knows, and connects as soon as NTP answers', async () => {
    const board = new Board(executable, { port: fresh.port, ntp: 'off' });
    await board.says(NO_CLOCK, 3);
    expect(fresh.received).toBe(0);
    board.tell('ntp on');
    await fresh.receives(1);
    await board.stop();
  });

  it('keeps the last good time in flash', async () => {
    const first = new Board(executable, { port: fresh.port, flash });
    await fresh.receives(1);
    await first.stop();
    const second = new Board(executable, { port: fresh.port, flash, ntp: 'off' });
    await fresh.receives(1);
    await second.stop();
  });

  it('takes no time from NTP that is before the build', async () => {
    const board = new Board(executable, { port: fresh.port, ntp: 'forged' });
    await board.says(NO_CLOCK, 3);
    await board.stop();
    expect(fresh.received).toBe(0);
  });
});
