import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { ChipFamily } from '../../lib/fleet/schema.ts';
import { ARDUINO, ROOT, SHIMS } from './build.ts';

const PLATFORM = join(ROOT, 'testing/firmware/platform');

/** Where a core has the headers that firmware includes: in the core itself, or in the libraries that come with it. */
const LIBRARIES: Readonly<Record<ChipFamily, Readonly<Record<string, RegExp>>>> = {
  esp8266: { EEPROM: /^EEPROM\./, ESP8266WiFi: /^(ESP8266WiFi|WiFiClient|WiFiClientSecure|BearSSLHelpers)\./ },
  esp32: { Preferences: /^Preferences\./, WiFi: /^WiFi\./, WiFiClientSecure: /^WiFiClientSecure\./ },
};
/** What the Library Manager calls the libraries that the examples name. */
const SENSORS: Readonly<Record<string, string>> = {
  'Adafruit BME280 Library': 'Adafruit_BME280.h',
  'DHT sensor library': 'DHT.h',
  DallasTemperature: 'DallasTemperature.h',
  OneWire: 'OneWire.h',
};

function addLibrary(folder: string, name: string, files: readonly string[]): void {
  const library = join(folder, name.replaceAll(' ', '_'));
  mkdirSync(join(library, 'src'), { recursive: true });
  const rest = ['author', 'maintainer', 'sentence', 'paragraph', 'url'].map((key) => `${key}=-`);
  const properties = [`name=${name}`, 'version=1.0.0', 'category=Other', 'architectures=*', ...rest];
  writeFileSync(join(library, 'library.properties'), `${properties.join('\n')}\n`);
  for (const file of files) copyFileSync(file, join(library, 'src', basename(file)));
}

/** A platform for arduino-cli that builds for this machine: a core and its libraries are the shims of the chip. */
function addPlatform(hardware: string, chip: ChipFamily): void {
  const platform = join(hardware, chip, chip);
  cpSync(join(PLATFORM, chip), platform, { recursive: true });
  copyFileSync(join(PLATFORM, 'tags'), join(platform, 'tags'));
  const core = join(platform, 'cores', chip);
  cpSync(ARDUINO, core, { recursive: true });
  const shims = readdirSync(join(SHIMS, chip));
  const inLibrary = Object.entries(LIBRARIES[chip]).flatMap(([name, files]) => {
    const own = shims.filter((file) => files.test(file));
    addLibrary(
      join(platform, 'libraries'),
      name,
      own.map((file) => join(SHIMS, chip, file)),
    );
    return own;
  });
  for (const file of shims.filter((name) => !inLibrary.includes(name)))
    cpSync(join(SHIMS, chip, file), join(core, file), { recursive: true });
}

/** How arduino-cli ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** arduino-cli with a sketchbook of its own, in which the platforms are ours; it asks nobody else. */
export class Sketchbook {
  /** Like that of the repository: it has a folder `firmware`, with the libraries. */
  readonly root: string;
  readonly #cli: string;
  readonly #environment: NodeJS.ProcessEnv;

  /**
   * @param cli the path of arduino-cli
   * @param folder an empty one
   */
  constructor(cli: string, folder: string) {
    this.#cli = cli;
    this.root = join(folder, 'clone');
    mkdirSync(join(this.root, 'firmware'), { recursive: true });
    const libraries = join(this.root, 'firmware/libraries');
    cpSync(join(ROOT, 'firmware/libraries'), libraries, { recursive: true });
    // Where `fleet enrol --header` writes it.
    copyFileSync(join(libraries, 'FleetIdentity/claim.example.h'), join(libraries, 'FleetIdentity/src/claim.h'));
    for (const chip of ['esp8266', 'esp32'] as const) addPlatform(join(folder, 'hardware'), chip);
    for (const [name, header] of Object.entries(SENSORS))
      addLibrary(join(folder, 'libraries'), name, [join(SHIMS, 'sensors', header)]);
    // Without these two it would fetch them, and tools of its own with them.
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data/package_index.json'), '{"packages":[]}');
    writeFileSync(join(folder, 'data/library_index.json'), '{"libraries":[]}');
    this.#environment = {
      ...process.env,
      ARDUINO_DIRECTORIES_USER: folder,
      ARDUINO_DIRECTORIES_DATA: join(folder, 'data'),
      ARDUINO_DIRECTORIES_DOWNLOADS: join(folder, 'data'),
      ARDUINO_BUILD_CACHE_PATH: join(folder, 'cache'),
      ARDUINO_UPDATER_ENABLE_NOTIFICATION: 'false',
    };
  }

  /** Puts a sketch of the repository into the clone, beside a secrets.h: as `firmware/<name>/<name>.ino`. */
  put(name: string, source: string, secrets: string): void {
    const folder = join(this.root, 'firmware', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.ino`), source);
    writeFileSync(join(folder, 'secrets.h'), secrets, { mode: 0o600 });
  }

  /** What was uploaded last to a board of that chip. */
  uploaded(chip: ChipFamily): string {
    return join(this.root, '../hardware', chip, chip, 'uploaded');
  }

  async run(...args: string[]): Promise<Ended> {
    try {
      const output = await promisify(execFile)(this.#cli, args, { cwd: this.root, env: this.#environment });
      return { code: 0, ...output };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  }
}
