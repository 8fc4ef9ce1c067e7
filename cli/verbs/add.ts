import { type Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { addDevice, beginSite, type NewDevice } from '../../lib/fleet/edit.ts';
import { NAME_PATTERN, NAME_RULE } from '../../lib/fleet/names.ts';
import { readFleet, type Site } from '../../lib/fleet/read.ts';
import { type Board, BOARDS, type KeyType } from '../../lib/fleet/schema.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { CommonOptions } from '../common-options.ts';
import { KEY_FOLDER, withNewKey } from '../secrets/local-key.ts';
import { secretsCommand } from '../secrets/secrets-command.ts';
import { siteNamed } from '../fleet/site-named.ts';
import { printSentence, printDone, type Terminal } from '../terminal/terminal.ts';

interface AddOptions extends CommonOptions {
  readonly board: Board;
  readonly site?: string;
  readonly keyType: KeyType;
  readonly localKey?: true;
  readonly key?: 'board';
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<name>', NAME_RULE)
    .addOption(new Option('--board <board>', 'the chip').choices(BOARDS).makeOptionMandatory())
    .option('--site <site>', 'the fleet file, without .yaml, which is made if there is none (default: the only one)')
    .addOption(
      new Option('--key-type <type>', 'an ESP8266 takes three times as long to connect with rsa')
        .choices(['ec', 'rsa'])
        .default('ec'),
    )
    .option('--local-key', `make the key on this machine, in ${KEY_FOLDER}/<name>.key, so that no cloud ever has it`)
    .addOption(
      new Option('--key <where>', 'board: the board makes its key, and nobody else ever has it')
        .choices(['board'])
        .conflicts(['localKey', 'keyType']),
    )
    .addHelpText(
      'after',
      `
Writes the device into its fleet file, for a pull request, and deploys nothing. With --local-key, its certificate signing
request, ${KEY_FOLDER}/<name>.csr, goes into git as well; the key does not.

Examples:
  bin/fleet add kitchen-sensor --board esp8266
  bin/fleet add garage-door --board esp32 --site home --local-key
  bin/fleet add attic --board esp32-c3 --key board`,
    )
    .action((name: string) => add(name, command.optsWithGlobals<AddOptions>(), terminal));
}

async function add(name: string, options: AddOptions, { stdout }: Terminal): Promise<void> {
  const { board, keyType, localKey, key } = options;
  const { file, isNew, sites } = placeFor(name, options);
  const added = [file];
  const write = (entry: NewDevice) => {
    if (!isNew) return addDevice(file, name, entry);
    const schema = 'fleet.schema.json';
    beginSite(
      file,
      name,
      entry,
      existsSync(schema) ? relative(options.fleet, schema).replaceAll('\\', '/') : undefined,
    );
  };
  if (localKey) {
    const { keyFile, csrFile } = await withNewKey(name, options.names.thing(name), keyType, (csr) =>
      write({ board, csr }),
    );
    await printDone(stdout, `${keyFile} is the private key; keep it, it is nowhere else`);
    added.push(csrFile);
  } else {
    write({ board, ...(keyType !== 'ec' && { keyType }), ...(key !== undefined && { key }) });
  }
  await printDone(stdout, isNew ? `${file} is new, a site of its own, and has ${name}` : `${file} has ${name}`);
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, `  commit ${added.join(' and ')}`);
  // A message that comes before the stack of the time-series is lost.
  await printSentence(stdout, '  npx cdk deploy --all');
  if (key === 'board') {
    const flash = 'bin/fleet enrol --header (once a fleet), then flash the example Enrolled: docs/enrolment.md';
    await printSentence(stdout, `  ${flash}`);
    return printSentence(stdout, `  bin/fleet enrol ${name}`);
  }
  const secrets = secretsCommand({ name, board }, sites, options.names);
  const local = localKey ? ` --key ${KEY_FOLDER}/${name}.key` : '';
  await printSentence(stdout, `  ${secrets}${local}`);
}

/** @throws {CliError} when the name is not free, or nobody says which site */
function placeFor(
  name: string,
  { fleet, names, site: wanted }: AddOptions,
): { file: string; isNew: boolean; sites: readonly Site[] } {
  const valid = (text: string, what: string) => {
    if (!NAME_PATTERN.test(text)) {
      throw new CliError(`${JSON.stringify(text)} is no name for ${what}; allowed: ${NAME_RULE}`);
    }
  };
  valid(name, 'a device');
  const sites = readFleet(fleet, names, wanted !== undefined);
  const holder = sites.find(({ devices }) => devices.some((device) => device.name === name));
  if (holder !== undefined) throw new CliError(`${name} stands in ${holder.file} already`);
  if (wanted === undefined || sites.some((site) => site.name === wanted)) {
    return { file: siteNamed(wanted, sites, fleet).file, isNew: false, sites };
  }
  valid(wanted, 'a site');
  return { file: join(fleet, `${wanted}.yaml`), isNew: true, sites };
}
