import { type Command, Option } from 'commander';
import { addDevice } from '../lib/fleet/edit.ts';
import { NAME_PATTERN, NAME_RULE, thingName } from '../lib/fleet/names.ts';
import { readFleet, type Site } from '../lib/fleet/read.ts';
import { type Board, BOARDS, type KeyType } from '../lib/fleet/schema.ts';
import { CliError } from './cli-error.ts';
import type { CommonOptions } from './common-options.ts';
import { KEY_FOLDER, withNewKey } from './local-key.ts';
import { print, printDone, type Terminal } from './terminal.ts';

interface AddOptions extends CommonOptions {
  readonly board: Board;
  readonly site?: string;
  readonly keyType: KeyType;
  readonly localKey?: true;
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<name>', NAME_RULE)
    .addOption(new Option('--board <board>', 'the chip').choices(BOARDS).makeOptionMandatory())
    .option('--site <site>', 'the fleet file, without .yaml (default: the only one)')
    .addOption(
      new Option('--key-type <type>', 'an ESP8266 takes three times as long to connect with rsa')
        .choices(['ec', 'rsa'])
        .default('ec'),
    )
    .option('--local-key', `make the key on this machine, in ${KEY_FOLDER}/<name>.key, so that no cloud ever has it`)
    .addHelpText(
      'after',
      `
Nothing is deployed: the device stands in its fleet file, for a pull request. With --local-key, its certificate signing
request, ${KEY_FOLDER}/<name>.csr, goes into git as well; the key does not.

Examples:
  npx fleet add kitchen-sensor --board esp8266
  npx fleet add garage-door --board esp32 --site home --local-key`,
    )
    .action((name: string) => add(name, command.optsWithGlobals<AddOptions>(), terminal));
}

async function add(name: string, options: AddOptions, { stdout }: Terminal): Promise<void> {
  const { board, keyType, localKey } = options;
  const site = siteFor(name, options);
  const added = [site.file];
  if (localKey) {
    const { keyFile, csrFile } = await withNewKey(name, thingName(name), keyType, (csr) =>
      addDevice(site.file, name, { board, csr }),
    );
    await printDone(stdout, `${keyFile} is the private key; keep it, it is nowhere else`);
    added.push(csrFile);
  } else {
    addDevice(site.file, name, { board, ...(keyType !== 'ec' && { keyType }) });
  }
  await printDone(stdout, `${site.file} has ${name}`);
  await print(stdout, 'Next:');
  await print(stdout, `  commit ${added.join(' and ')}`);
  // A message that comes before the stack of the time-series is lost.
  await print(stdout, '  npx cdk deploy --all');
  await print(stdout, `  npx fleet secrets ${name}${localKey ? ` --key ${KEY_FOLDER}/${name}.key` : ''}`);
}

/** @throws {CliError} when the name is not free, or nobody says which site */
function siteFor(name: string, { fleet, site: wanted }: AddOptions): Site {
  if (!NAME_PATTERN.test(name)) {
    throw new CliError(`${JSON.stringify(name)} is no name for a device; allowed: ${NAME_RULE}`);
  }
  const sites = readFleet(fleet);
  const holder = sites.find(({ devices }) => devices.some((device) => device.name === name));
  if (holder !== undefined) throw new CliError(`${name} stands in ${holder.file} already`);
  const names = sites.map((site) => site.name).join(', ');
  const [site, another] = wanted === undefined ? sites : sites.filter((each) => each.name === wanted);
  if (site === undefined) throw new CliError(`no site ${JSON.stringify(wanted)} in ${fleet}/; there is: ${names}`);
  if (another !== undefined) throw new CliError(`which site? add --site and one of: ${names}`);
  return site;
}
