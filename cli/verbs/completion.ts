import { Argument, type Command } from 'commander';
import type { CommonOptions } from '../common-options.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { allDevices, readFleet } from '../../lib/fleet/read.ts';
import { print, type Terminal } from '../terminal/terminal.ts';
import type { Tools } from '../tools.ts';

/** What each shell is told: to ask `fleet complete` what may stand where the cursor is, and to offer files if that is nothing. */
const SCRIPTS = {
  bash: `_fleet() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _fleet fleet`,
  zsh: `_fleet() {
  local -a found
  found=("\${(@f)$("$words[1]" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $found[1] ]]; then compadd -a found; else _files; fi
}
compdef _fleet fleet`,
  fish: `function __fleet_complete
  set -l words (commandline -opc)
  $words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c fleet -a '(__fleet_complete)'`,
} as const;

type Shell = keyof typeof SCRIPTS;

export function configure(command: Command, terminal: Terminal): void {
  command
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .addHelpText(
      'after',
      `
Prints a script for the shell. With it, the Tab key completes verbs, options, their values, and the names of devices and
sites, when the command is called as bin/fleet. In ~/.zshrc it has to stand below compinit.

Examples:
  bin/fleet completion bash >> ~/.bashrc
  bin/fleet completion zsh >> ~/.zshrc
  bin/fleet completion fish > ~/.config/fish/completions/fleet.fish`,
    )
    .action((shell: Shell) => print(terminal.stdout, SCRIPTS[shell]));
}

/** `fleet complete`, which those scripts call: prints what may stand in the place of the last word, a line each. */
export function configureComplete(command: Command, { stdout }: Terminal, _: Tools, verbs: Verbs): void {
  command.argument('[words...]').action(async (words: string[]) => {
    const { fleet } = command.optsWithGlobals<CommonOptions>();
    for (const candidate of await candidates(words, verbs, fleet)) await print(stdout, candidate);
  });
}

/** The verbs as the command line knows them. */
export interface Verbs {
  readonly program: Command;
  /** A verb with its options and arguments; undefined of a word that is none. */
  readonly load: (name: string) => Promise<Command | undefined>;
}

async function candidates(words: readonly string[], { program, load }: Verbs, fleetFolder: string): Promise<string[]> {
  const last = words.at(-1) ?? '';
  let verb: Command | undefined;
  let folder = fleetFolder;
  let place = 0;
  let variadic: string | undefined;
  for (let index = 0; index < words.length - 1; index += 1) {
    const word = words[index] ?? '';
    const option = optionsOf(program, verb).find(({ long }) => long === word);
    if (option?.required || option?.optional) {
      const value = words[++index];
      if (index === words.length - 1)
        return starting(last, valuesOf(option.argChoices, option.attributeName(), folder));
      if (option.long === '--fleet') folder = value ?? folder;
      variadic = option.variadic ? option.attributeName() : undefined;
    } else if (word.startsWith('-')) {
      variadic = undefined;
    } else if (verb === undefined) {
      verb = await load(word);
      if (verb === undefined) return [];
    } else if (variadic === undefined) {
      place += 1;
    }
  }
  if (last.startsWith('-'))
    return starting(
      last,
      optionsOf(program, verb).map(({ long }) => long ?? ''),
    );
  if (verb === undefined)
    return starting(
      last,
      program
        .createHelp()
        .visibleCommands(program)
        .map((one) => one.name()),
    );
  if (variadic !== undefined) return starting(last, valuesOf(undefined, variadic, folder));
  const { registeredArguments: args } = verb;
  const argument = args[place] ?? (args.at(-1)?.variadic ? args.at(-1) : undefined);
  return argument === undefined ? [] : starting(last, valuesOf(argument.argChoices, argument.name(), folder));
}

function optionsOf(program: Command, verb: Command | undefined) {
  const help = program.createHelp();
  return [...(verb === undefined ? help.visibleOptions(program) : [...help.visibleOptions(verb), ...program.options])];
}

/** @param name of an option or an argument */
function valuesOf(choices: readonly string[] | undefined, name: string, folder: string): readonly string[] {
  if (choices !== undefined) return choices;
  if (name !== 'device' && name !== 'site') return [];
  try {
    const devices = readFleet(folder, new FleetNames()).flatMap((site) =>
      allDevices(site).devices.map((device) => ({ site, device })),
    );
    return [...new Set(devices.map(({ site, device }) => (name === 'site' ? site.name : device.name)))];
  } catch {
    return []; // nothing can be said while somebody types; the verb will say what is wrong with the file
  }
}

function starting(prefix: string, all: readonly string[]): string[] {
  return all.filter((each) => each.startsWith(prefix));
}
