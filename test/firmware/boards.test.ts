import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Board, BOARDS, chipFamily } from '../../lib/fleet/schema.ts';
import {
  ARDUINO,
  BOARD_LIBRARY,
  buildContract,
  buildSketch,
  MACROS,
  ROOT,
  SKETCHES,
  testSecrets,
} from '../../testing/firmware/build.ts';
import { canBuildFirmware } from '../../testing/firmware/requirements.ts';

/*
 * The boards of the fleet file: each has pins of its own, and an environment in PlatformIO.
 */

/**
 * Pins that a chip needs for itself: flash, serial line, USB, and those that decide how it starts. From the chips'
 * datasheets; the ESP32's GPIO 2 decides only together with GPIO 0, which nothing here touches.
 */
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const TAKEN: Readonly<Record<Board, readonly number[]>> = {
  esp8266: [0, 1, 3, ...range(6, 11), 15, 16],
  esp32: [0, 1, 3, 5, ...range(6, 11), 12, 15],
  'esp32-c3': [2, 8, 9, ...range(11, 17), 18, 19, 20, 21],
  'esp32-s3': [0, 3, 19, 20, ...range(26, 37), 43, 44, 45, 46],
  'esp32-c6': [4, 5, 8, 9, 12, 13, 15, 16, 17, ...range(24, 30)],
};
/** Where an analogue sensor can be while Wi-Fi is on: ADC1. 17 is A0 of an ESP8266. */
const ANALOGUE: Readonly<Record<Board, readonly number[]>> = {
  esp8266: [17],
  esp32: range(32, 39),
  'esp32-c3': range(0, 4),
  'esp32-s3': range(1, 10),
  'esp32-c6': range(0, 6),
};
const NAMES = ['RELAY', 'REED', 'SENSOR', 'LED'].map((name) => `FLEET_${name}_PIN`);

const preprocessed = (macros: readonly string[]): { pins: number[]; errors: string } => {
  const input = `#include <FleetPins.h>\nint pins[] = {${NAMES.join()}};\n`;
  const args = ['-E', '-P', '-x', 'c++', ...macros, `-I${BOARD_LIBRARY}`, `-I${ARDUINO}`, '-'];
  const { stdout, stderr } = spawnSync('g++', args, { input, encoding: 'utf8' });
  const [, list = ''] = /int pins\[\] = \{(.*)\};/.exec(stdout) ?? [];
  const named: Readonly<Record<string, number>> = { A0: 17, LED_BUILTIN: 2 };
  return { pins: list.split(',').map((pin) => named[pin.trim()] ?? Number(pin)), errors: stderr };
};

describe.skipIf(!canBuildFirmware())('the pins', () => {
  it.each(BOARDS)('of an %s are different ones, and none that the chip needs for itself', (board) => {
    const { pins, errors } = preprocessed(MACROS[board]);
    expect(errors).toBe('');
    expect(new Set(pins).size).toBe(NAMES.length);
    expect(pins.filter((pin) => TAKEN[board].includes(pin))).toEqual([]);
    expect(ANALOGUE[board]).toContain(pins[2]);
  });

  it('of a chip that nobody knows are an error that says what to do', () => {
    const { errors } = preprocessed(['-DESP32', '-DCONFIG_IDF_TARGET_ESP32S2=1']);
    expect(errors).toMatch(/error: #error "FleetPins.h has no pins for this chip. Define FLEET_RELAY_PIN, /);
  });

  it('of a board with other wires are those of its build flags', () => {
    const own = NAMES.map((name, i) => `-D${name}=${i + 1}`);
    expect(preprocessed(['-DESP32', '-DCONFIG_IDF_TARGET_ESP32S2=1', ...own])).toEqual({
      pins: [1, 2, 3, 4],
      errors: '',
    });
  });
});

describe.skipIf(!canBuildFirmware())('what this expects of a core', () => {
  it.each(BOARDS)('is what the shims for an %s have', async (board) => {
    await expect(buildContract(board)).resolves.toHaveLength(1);
  });
});

describe.skipIf(!canBuildFirmware())('the sketch', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'boards-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['esp32-c3', 'esp32-s3', 'esp32-c6'] as const)('compiles for an %s', async (board) => {
    const secrets = await testSecrets(board, 'shed');
    await expect(buildSketch(board, SKETCHES[chipFamily(board)], secrets, join(folder, board))).resolves.toBeTruthy();
  });
});

const SKETCH_FOLDERS = readdirSync(join(ROOT, 'firmware')).filter((name) => name.startsWith('esp'));

describe.each(SKETCH_FOLDERS)('platformio.ini of %s', (sketch) => {
  const ini = readFileSync(join(ROOT, 'firmware', sketch, 'platformio.ini'), 'utf8');
  const sections = new Map(
    ini.split(/^\[/m).map((section) => [section.slice(0, section.indexOf(']')), section] as const),
  );

  it('has an environment for each board of its chip, by the name of the fleet file', () => {
    const boards = BOARDS.filter((board) => sketch.startsWith(`${chipFamily(board)}-`));
    const environments = [...sections.keys()].filter((name) => name.startsWith('env:')).map((name) => name.slice(4));
    expect(environments.sort()).toEqual([...boards].sort());
  });

  it('has boards with native USB print there', () => {
    for (const [name, section] of sections)
      if (/^env:esp32-/.test(name)) expect(section).toContain('-DARDUINO_USB_MODE=1 -DARDUINO_USB_CDC_ON_BOOT=1');
  });

  it('takes platforms of one version each', () => {
    const platforms = [...ini.matchAll(/^platform = (.*)$/gm)].map(([, platform]) => platform);
    expect(platforms.length).toBeGreaterThan(0);
    for (const platform of platforms) expect(platform).toMatch(/@\d+\.\d+\.\d+$|\/download\/\d+\.\d+\.\d+\//);
  });
});
