import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FleetNames } from '../../lib/fleet/names.ts';
import { secretsHeader } from '../../cli/secrets/secrets-header.ts';

const FIRMWARE = fileURLToPath(new URL('../../firmware', import.meta.url));
const SKETCHES = readdirSync(FIRMWARE).filter((folder) => folder.startsWith('esp'));
const LIBRARIES = ['FleetBoard', 'FleetClock', 'FleetDevice', 'FleetIdentity'];
const IDENTITY = {
  certificateId: '',
  certificatePem: '',
  privateKeyPem: '',
  host: 'broker.example',
  port: 8883,
  thingName: 'shed',
  device: 'shed',
  telemetryTopic: 'rtjm/shed',
};

/** What a header defines, macros and constants. */
const namesIn = (header: string): string[] =>
  [...header.matchAll(/^(?:#define|static const char) (\w+)/gm)].map(([, name]) => name ?? '').sort();

describe('the sketchbook', () => {
  it.each(SKETCHES)('shows in secrets.example.h of %s what "fleet secrets" writes', (sketch) => {
    const example = readFileSync(join(FIRMWARE, sketch, 'secrets.example.h'), 'utf8');
    const board = sketch.startsWith('esp8266') ? 'esp8266' : 'esp32';
    expect(namesIn(example)).toEqual(
      namesIn(
        secretsHeader({ board, names: new FleetNames(), identity: IDENTITY, rootCertificates: '', ingest: 'broker' }),
      ),
    );
  });

  it.each(SKETCHES)('keeps the secrets.h of %s out of git', (sketch) => {
    const file = join(FIRMWARE, sketch, 'secrets.h');
    expect(spawnSync('git', ['check-ignore', '--quiet', file], { cwd: FIRMWARE }).status).toBe(0);
  });

  it('has a README that names every sketch and library', () => {
    const readme = readFileSync(join(FIRMWARE, 'README.md'), 'utf8');
    const libraries = LIBRARIES.map((library) => `libraries/${library}`);
    expect([...SKETCHES, ...libraries].filter((folder) => !readme.includes(`\`${folder}/\``))).toEqual([]);
  });

  it('has a README that explains every name in secrets.h', () => {
    const readme = readFileSync(join(FIRMWARE, 'README.md'), 'utf8');
    const [sketch = ''] = SKETCHES;
    const names = namesIn(readFileSync(join(FIRMWARE, sketch, 'secrets.example.h'), 'utf8'));
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('leaves the libraries that somebody installs there to them, and keeps ours', () => {
    const ignored = (path: string): boolean =>
      spawnSync('git', ['check-ignore', '--quiet', '--no-index', join(FIRMWARE, path)], { cwd: FIRMWARE }).status === 0;
    expect(ignored('libraries/DHT_sensor_library/DHT.cpp')).toBe(true);
    expect(ignored('libraries/readme.txt')).toBe(true); // the Arduino IDE writes it
    expect(ignored('hardware/somebody/else.txt')).toBe(true);
    for (const library of LIBRARIES) expect(ignored(`libraries/${library}/src/${library}.h`)).toBe(false);
  });

  it('verifies the broker everywhere', () => {
    const sources = readdirSync(FIRMWARE, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(ino|cpp|h)$/.test(name),
    );
    expect(sources.length).toBeGreaterThan(20);
    const careless = /setInsecure|allowSelfSignedCerts|setFingerprint|setKnownKey/;
    expect(sources.filter((name) => careless.test(readFileSync(join(FIRMWARE, name), 'utf8')))).toEqual([]);
  });
});

/** Headers without comments and without what stands in our namespace. */
const globalText = (library: string): string =>
  readdirSync(join(FIRMWARE, 'libraries', library, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.h'))
    .map((name) => readFileSync(join(FIRMWARE, 'libraries', library, 'src', name), 'utf8'))
    .join('\n')
    .replace(/^namespace fleet \{[^]*?^\} {2}\/\/ namespace fleet/gm, '')
    .replace(/\/\*[^]*?\*\/|\/\/.*/g, '');

describe.each(LIBRARIES)('the library %s', (library) => {
  const file = (name: string): string => readFileSync(join(FIRMWARE, 'libraries', library, name), 'utf8');

  it('has what the Arduino IDE and arduino-lint look for', () => {
    const properties = new Map(
      [...file('library.properties').matchAll(/^(\w+)=(.+)$/gm)].map(([, key = '', value = '']) => [key, value]),
    );
    for (const key of ['author', 'maintainer', 'sentence', 'paragraph', 'category', 'architectures'])
      expect(properties.has(key), key).toBe(true);
    expect(properties.get('name')).toBe(library);
    expect(properties.get('version')).toMatch(/^\d+\.\d+\.\d+$/);
    expect(properties.get('url')).toMatch(/^https:\/\//);
    expect(properties.get('includes')).toBe(`${library}.h`);
    expect(file('README.md')).toContain(`# ${library}`);
    expect(file('LICENSE')).toBe(readFileSync(join(FIRMWARE, '../LICENSE'), 'utf8'));
    expect(readdirSync(join(FIRMWARE, 'libraries', library, 'examples')).length).toBeGreaterThan(0);
  });

  it('depends on the libraries of ours that its headers include', () => {
    const included = [...globalText(library).matchAll(/#include <(Fleet\w+)\.h>/g)].map(([, name]) => name);
    const [, depends = ''] = /^depends=(.*)$/m.exec(file('library.properties')) ?? [];
    expect(depends.split(',').filter(Boolean).sort()).toEqual([...new Set(included)].sort());
  });

  it('has global names with its prefix alone', () => {
    const text = globalText(library);
    const names = [
      ...text.matchAll(/^(?:class|struct|enum class|enum) (\w+)/gm),
      ...text.matchAll(/^typedef .*\(\*(\w+)\)/gm),
      ...text.matchAll(/^(?!typedef|#| )[\w:*& ]+?[ *&](\w+)\([^()]*\)(?:;| \{)/gm),
      ...text.matchAll(/^ *# *define (\w+)/gm),
    ].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !/^(Fleet|fleet|FLEET_)/.test(name))).toEqual([]);
  });

  it('has every public function of its class in keywords.txt', () => {
    const header = file(`src/${library}.h`);
    const [, members = ''] = new RegExp(`class ${library}\\b[^]*?public:([^]*?)\\n private:`).exec(header) ?? [];
    const functions = [...members.matchAll(/^ {2}(?:virtual |explicit )?[\w:*& ]+[ *&](\w+)\(/gm)].map(
      ([, name]) => name,
    );
    const keywords = [...file('keywords.txt').matchAll(/^(\w+)\t(?:KEYWORD[12]|LITERAL1)$/gm)].map(([, name]) => name);
    expect(functions.length).toBeGreaterThan(1);
    expect(functions.filter((name) => !keywords.includes(name))).toEqual([]);
    expect(file('keywords.txt').trim().split('\n')).toHaveLength(keywords.length);
  });
});
