import { Command, CommanderError, Help, InvalidArgumentError, Option } from 'commander';
import { readFleetContext } from '../lib/fleet/cdk-json.ts';
import { FleetNames } from '../lib/fleet/names.ts';
import { fleetFolderIn, settingsIn } from '../lib/fleet/settings.ts';
import { chooseCloud, type CloudChoice, endpoint } from './fleet/cloud-choice.ts';
import type { Verbs } from './verbs/completion.ts';
import { errorMessage } from './terminal/error-message.ts';
import { colours, nameCommandsWith, printable, proseWidth, type Terminal, wrapped } from './terminal/terminal.ts';
import type { Tools } from './tools.ts';

/** A verb: what the file of its name in this folder exports. */
interface Verb {
  /** Adds arguments, options, examples and the action. An exit code beside 0 and 1 is thrown as a CommanderError. */
  readonly configure: (command: Command, terminal: Terminal, tools: Tools, verbs: Verbs) => void;
}

/** Each is loaded when it is called, since the AWS SDK and YAML take longer to load than all else that starts. */
const VERBS: readonly {
  readonly name: string;
  readonly summary: string;
  readonly hidden?: true;
  readonly load: () => Promise<Verb>;
}[] = [
  {
    name: 'add',
    summary: 'write a new device into its fleet file',
    load: () => import('./verbs/add.ts'),
  },
  {
    name: 'import',
    summary: 'take over things and certificates that exist already',
    load: () => import('./verbs/import.ts'),
  },
  {
    name: 'list',
    summary: 'show every device, its certificate, and where file and cloud disagree',
    load: () => import('./verbs/list.ts'),
  },
  {
    name: 'secrets',
    summary: "write a device's identity for its sketch, or as PEM files",
    load: () => import('./verbs/secrets.ts'),
  },
  {
    name: 'enrol',
    summary: 'print the line by which a board that makes its key becomes a device',
    load: () => import('./verbs/enrol.ts'),
  },
  {
    name: 'flash',
    summary: "put a device's sketch and identity onto the board that is plugged in",
    load: () => import('./verbs/flash.ts'),
  },
  {
    name: 'rotate',
    summary: 'give a device a new identity, while the old one works on',
    load: () => import('./verbs/rotate.ts'),
  },
  {
    name: 'revoke',
    summary: 'cut a device off, at once and for good',
    load: () => import('./verbs/revoke.ts'),
  },
  {
    name: 'doctor',
    summary: 'find what is wrong with identities and certificates, and fix it',
    load: () => import('./verbs/doctor.ts'),
  },
  {
    name: 'tail',
    summary: 'print messages as they arrive',
    load: () => import('./verbs/tail.ts'),
  },
  {
    name: 'query',
    summary: 'print what a device sent in a span of time',
    load: () => import('./verbs/query.ts'),
  },
  {
    name: 'latest',
    summary: 'print the newest message of every device',
    load: () => import('./verbs/latest.ts'),
  },
  {
    name: 'send',
    summary: 'send a device a command',
    load: () => import('./verbs/send.ts'),
  },
  {
    name: 'redrive',
    summary: 'make rows of the messages that the time-series did not take',
    load: () => import('./verbs/redrive.ts'),
  },
  {
    name: 'explain',
    summary: 'say whether a device may do something, and which statement decides',
    load: () => import('./verbs/explain.ts'),
  },
  {
    name: 'web',
    summary: 'serve a page of the fleet on this machine: curves, messages, commands',
    load: () => import('./verbs/web.ts'),
  },
  {
    name: 'review',
    summary: 'say what a change would do to what is deployed, before it does',
    load: () => import('./verbs/review.ts'),
  },
  {
    name: 'completion',
    summary: 'print a script by which the Tab key completes verbs, options and devices',
    load: () => import('./verbs/completion.ts'),
  },
  {
    name: 'complete',
    summary: 'print what may follow on the command line',
    hidden: true,
    load: async () => ({ configure: (await import('./verbs/completion.ts')).configureComplete }),
  },
];

/** Those that people type. */
export const VERB_NAMES: readonly string[] = VERBS.filter(({ hidden }) => hidden !== true).map(({ name }) => name);

/**
 * How people call it, here and in every message: a file of this folder. `npx` asks npm for a package of the name wherever it finds
 * no command of it, and anybody may publish one.
 */
const CALLED = 'bin/fleet';

/** Verbs that may be ended at any moment: all that they do is to read. */
const READERS: readonly string[] = ['list', 'tail', 'query', 'latest', 'explain', 'review', 'completion', 'complete'];

/** Whether a command line names no verb that changes anything. @param argv as {@link fleet} takes it */
export function changesNothing(argv: readonly string[]): boolean {
  return !VERBS.some(({ name }) => argv.includes(name) && !READERS.includes(name));
}

/**
 * Runs `fleet`.
 *
 * @param argv what stands after `fleet` on the command line
 * @returns the exit code: 0 when all went well, 1 for an error, another where the help of a verb says so
 */
export async function fleet(argv: readonly string[], terminal: Terminal, tools: Tools = {}): Promise<number> {
  try {
    const [verb, ...others] = argv;
    const words = verb === 'help' ? [...others, '--help'] : argv;
    await commandLine(terminal, tools).parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    complain(terminal, errorMessage(error, endpoint()));
    return 1;
  }
}

function commandLine(terminal: Terminal, tools: Tools): Command {
  const program = new Command(CALLED)
    .description('Operates a fleet of ESP8266 and ESP32 boards on AWS IoT Core.')
    .option('--fleet <dir>', 'folder of the fleet files', 'fleet')
    .addOption(
      new Option('-c, --context <key=value>', 'as for cdk, such as stage=dev; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--profile <name>', 'of the AWS configuration, instead of the keys in the environment')
    .option('--region <name>', 'of AWS, such as eu-west-1, instead of AWS_REGION', region)
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, minWidthToWrap: 10, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(reflowed(text, proseWidth(terminal.stdout))),
      writeErr: (text) => terminal.stderr.write(reflowed(text, proseWidth(terminal.stderr))),
      getOutHelpWidth: () => proseWidth(terminal.stdout),
      getErrHelpWidth: () => proseWidth(terminal.stderr),
      outputError: usageError(terminal, CALLED),
    })
    .exitOverride()
    .addHelpText('after', '\nThe options of a verb, with examples: bin/fleet <verb> --help');

  const loaders = new Map<Command, () => Promise<void>>();
  const verbs: Verbs = {
    program,
    load: async (name) => {
      const command = program.commands.find((each) => each.name() === name);
      if (command !== undefined) await loaders.get(command)?.();
      return command;
    },
  };
  for (const { name, summary, hidden = false, load } of VERBS) {
    const command = program.command(name, { hidden }).summary(summary).description(summary);
    command.configureOutput({ outputError: usageError(terminal, `${CALLED} ${name}`) });
    loaders.set(command, async () => (await load()).configure(command, terminal, tools, verbs));
  }
  return program.hook('preSubcommand', (_, command) => {
    chooseFleet(program);
    nameCommandsWith(program.opts<{ context: readonly string[] }>().context);
    chooseCloud(program.opts<CloudChoice>());
    return loaders.get(command)?.();
  });
}

/** Which fleet a verb is about, by the same context that `cdk` has. @throws {FleetFileError} */
function chooseFleet(program: Command): void {
  const { context: given } = program.opts<{ context: string[] }>();
  const context = readFleetContext(process.cwd(), given);
  const settings = settingsIn(context);
  program.setOptionValue('names', new FleetNames(settings));
  program.setOptionValue('settings', context.fleet === undefined ? undefined : settings);
  if (program.getOptionValueSource('fleet') === 'default') program.setOptionValue('fleet', fleetFolderIn(context));
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function region(text: string): string {
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text)) throw new InvalidArgumentError('Allowed: such as eu-west-1.');
  return text;
}

/** Breaks the paragraphs of a help anew. Indented lines stay: they are examples, or what commander has broken itself. */
function reflowed(text: string, width: number): string {
  const joined = text.replace(/(?<=^\S.*)\n(?=\S)/gm, ' ');
  return joined
    .split('\n')
    .map((line) => (line.startsWith(' ') ? line : new Help().boxWrap(line, width)))
    .join('\n');
}

function complain({ stderr }: Terminal, text: string): void {
  stderr.write(`${wrapped(stderr, `${colours(stderr).red('fleet:')} ${printable(text)}`)}\n`);
}

/** Turns commander's "error: unknown option '--x'\n(Did you mean --y?)" into one line that ends with where to look. */
function usageError(terminal: Terminal, command: string): (text: string) => void {
  return (text) => {
    const problem = text
      .replace(/^error: /, '')
      .replace(/^command-argument value ('.*') is invalid for argument '(.*?)'\./s, '$2 $1 is invalid.')
      .trim()
      .replaceAll('\n', ' ')
      .replace(/\.$/, '');
    const [, verb] = /^unknown command '(deploy|destroy)'/.exec(problem) ?? [];
    const way = verb === undefined ? `see: ${command} --help` : `that is the CDK's: npx cdk ${verb} --all`;
    complain(terminal, `${problem}; ${way}`);
  };
}
