import { type Command, Option } from 'commander';
import { existsSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { addDevice, beginSite, type NewDevice } from '../../lib/fleet/edit.ts';
import { addToList, beginList } from '../../lib/fleet/edit-list.ts';
import { NAME_PATTERN, NAME_RULE } from '../../lib/fleet/names.ts';
import { allDevices, readFleet, type Site } from '../../lib/fleet/read.ts';
import { type Board, BOARDS, type KeyType } from '../../lib/fleet/schema.ts';
import { CliError } from '../terminal/cli-error.ts';
import { counted } from '../terminal/counted.ts';
import type { CommonOptions } from '../common-options.ts';
import { KEY_FOLDER, withNewKey } from '../secrets/local-key.ts';
import { identityCommands } from '../secrets/secrets-command.ts';
import { newDevices } from '../fleet/new-devices.ts';
import { siteNamed } from '../fleet/site-named.ts';
import { type Output, printSentence, printDone, type Terminal } from '../terminal/terminal.ts';

interface AddOptions extends CommonOptions {
  readonly board?: Board;
  readonly from?: string;
  readonly site?: string;
  readonly keyType: KeyType;
  readonly localKey?: true;
  readonly key?: 'board';
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[name]', NAME_RULE)
    .addOption(new Option('--board <board>', 'the chip').choices(BOARDS))
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
    .addOption(
      new Option('--from <file>', 'add the devices of a CSV file to the list of a site, instead').conflicts([
        ...['board', 'keyType', 'localKey', 'key'],
      ]),
    )
    .addHelpText(
      'after',
      `
Writes the device into its fleet file, for a pull request, and deploys nothing. With --local-key, its certificate signing
request, ${KEY_FOLDER}/<name>.csr, goes into git as well; the key does not.

--from takes very many devices, as a site whose devices are a list (docs/device-lists.md): a CSV file with the columns name
and board. It adds what the list does not have, or nothing where one device is there otherwise.

Examples:
  bin/fleet add kitchen-sensor --board esp8266
  bin/fleet add garage-door --board esp32 --site home --local-key
  bin/fleet add attic --board esp32-c3 --key board
  bin/fleet add --from delivered.csv --site meters`,
    )
    .action(async (name: string | undefined) => {
      const options = command.optsWithGlobals<AddOptions>();
      const { board, from } = options;
      if (from !== undefined && name !== undefined) throw new CliError('--from goes without a name');
      if (from !== undefined) return addFrom(from, options, terminal);
      if (name === undefined) throw new CliError('name a device, or add --from FILE');
      if (board === undefined) return command.error("error: required option '--board <board>' not specified");
      return add(name, { ...options, board }, terminal);
    });
}

type AddOne = AddOptions & { readonly board: Board };

async function add(name: string, options: AddOne, { stdout }: Terminal): Promise<void> {
  const { board, keyType, localKey } = options;
  const { file, list, isNew, sites } = placeFor(name, options);
  if (list !== undefined && (localKey || keyType !== 'ec')) {
    throw new CliError(`the boards of ${list.file} make their keys: without --local-key and --key-type`);
  }
  const key = list === undefined ? options.key : 'board';
  const added = [list?.file ?? file];
  const write = (entry: NewDevice) => {
    if (list !== undefined) return addToList(list.file, [{ name, board }]);
    if (!isNew) return addDevice(file, name, entry);
    beginSite(file, { devices: { [name]: entry } }, schemaFrom(options.fleet));
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
  await printDone(stdout, isNew ? `${file} is new, a site of its own, and has ${name}` : `${added[0]} has ${name}`);
  await printNext(added, stdout);
  if (key === 'board') return printEnrolment([name], stdout);
  const keyFile = localKey ? `${KEY_FOLDER}/${name}.key` : undefined;
  const { flash, secrets } = identityCommands({ name, board }, sites, options.names, keyFile);
  await printSentence(stdout, `  plug its board in: ${flash}`);
  await printSentence(stdout, `  or flash it your way: ${secrets}`);
}

/** Where editors find the schema of the fleet files; undefined where it is not. */
function schemaFrom(fleet: string): string | undefined {
  const schema = 'fleet.schema.json';
  return existsSync(schema) ? relative(fleet, schema).replaceAll('\\', '/') : undefined;
}

/** Adds what the list of a site does not have; a site that is not there yet is made, with its list. */
async function addFrom(from: string, options: AddOptions, { stdout }: Terminal): Promise<void> {
  const { file, list, isNew, sites } = placeFor(undefined, options);
  if (!isNew && list === undefined) {
    throw new CliError(
      `the devices of ${file} are no list; add --site and the name of one that has a list, or of a new one`,
    );
  }
  const found = newDevices(from, sites, list);
  const listFile = list?.file ?? file.replace(/\.yaml$/, '.csv');
  if (list === undefined)
    beginList(listFile, found, () => beginSite(file, { list: basename(listFile) }, schemaFrom(options.fleet)));
  else if (found.length > 0) addToList(listFile, found);
  await printDone(
    stdout,
    `${listFile} has ${counted(found.length, 'new device')}${isNew ? `; ${file} is new, and names it` : ''}`,
  );
  if (found.length === 0) return;
  await printNext([listFile, ...(isNew ? [file] : [])], stdout);
  return printEnrolment(
    found.map(({ name }) => name),
    stdout,
  );
}

async function printNext(files: readonly string[], stdout: Output): Promise<void> {
  await printSentence(stdout, 'Next:');
  await printSentence(stdout, `  commit ${files.join(' and ')}`);
  // A message that comes before the stack of the time-series is lost.
  await printSentence(stdout, '  npx cdk deploy --all');
}

async function printEnrolment([name, ...others]: readonly string[], stdout: Output): Promise<void> {
  const each = others.length === 0 ? '' : ', and so for each';
  await printSentence(stdout, `  plug its board in: bin/fleet flash ${name}${each}`);
  const flash = 'bin/fleet enrol --header (once a fleet), flash the example Enrolled (docs/enrolment.md)';
  await printSentence(stdout, `  or your way: ${flash}, and then: bin/fleet enrol ${name}${each}`);
}

/** @throws {CliError} when the name is not free, or nobody says which site */
function placeFor(
  name: string | undefined,
  { fleet, names, site: wanted }: AddOptions,
): Partial<Pick<Site, 'list'>> & { readonly file: string; readonly isNew: boolean; readonly sites: readonly Site[] } {
  const valid = (text: string, what: string) => {
    if (!NAME_PATTERN.test(text)) {
      throw new CliError(`${JSON.stringify(text)} is no name for ${what}; allowed: ${NAME_RULE}`);
    }
  };
  if (name !== undefined) valid(name, 'a device');
  const sites = readFleet(fleet, names, wanted !== undefined);
  const holder = sites.map(allDevices).find(({ devices }) => devices.some((device) => device.name === name));
  if (holder !== undefined) throw new CliError(`${name} stands in ${holder.file} already`);
  if (wanted === undefined || sites.some((site) => site.name === wanted)) {
    return { ...siteNamed(wanted, sites, fleet), isNew: false, sites };
  }
  valid(wanted, 'a site');
  return { file: join(fleet, `${wanted}.yaml`), isNew: true, sites };
}
