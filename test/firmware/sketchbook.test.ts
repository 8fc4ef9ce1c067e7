import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { secretsHeader } from '../../cli/secrets-header.ts';

const FIRMWARE = fileURLToPath(new URL('../../firmware', import.meta.url));
const SKETCHES = readdirSync(FIRMWARE).filter((folder) => folder.startsWith('esp'));
const IDENTITY = {
  certificateId: '',
  certificatePem: '',
  privateKeyPem: '',
  host: 'broker.example',
  port: 8883,
  thingName: 'shed',
};

/** What a header defines, macros and constants. */
const namesIn = (header: string): string[] =>
  [...header.matchAll(/^(?:#define|static const char) (\w+)/gm)].map(([, name]) => name ?? '').sort();

describe('the sketchbook', () => {
  it.each(SKETCHES)('shows in secrets.example.h of %s what "fleet secrets" writes', (sketch) => {
    const example = readFileSync(join(FIRMWARE, sketch, 'secrets.example.h'), 'utf8');
    const board = sketch.startsWith('esp8266') ? 'esp8266' : 'esp32';
    expect(namesIn(example)).toEqual(
      namesIn(secretsHeader({ board, identity: IDENTITY, rootCertificates: '', ingest: 'broker' })),
    );
  });

  it.each(SKETCHES)('keeps the secrets.h of %s out of git', (sketch) => {
    const file = join(FIRMWARE, sketch, 'secrets.h');
    expect(spawnSync('git', ['check-ignore', '--quiet', file], { cwd: FIRMWARE }).status).toBe(0);
  });

  it('has a README that names every sketch and library', () => {
    const readme = readFileSync(join(FIRMWARE, 'README.md'), 'utf8');
    const libraries = readdirSync(join(FIRMWARE, 'libraries')).map((library) => `libraries/${library}`);
    expect([...SKETCHES, ...libraries].filter((folder) => !readme.includes(`\`${folder}/\``))).toEqual([]);
  });

  it('has a README that explains every name in secrets.h', () => {
    const readme = readFileSync(join(FIRMWARE, 'README.md'), 'utf8');
    const [sketch = ''] = SKETCHES;
    const names = namesIn(readFileSync(join(FIRMWARE, sketch, 'secrets.example.h'), 'utf8'));
    expect(names.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
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
