import { Argument, type Command, CommanderError } from 'commander';
import { type Certificate, certificatesOf, shortId } from '../../aws/certificates.ts';
import { policiesOf } from '../../aws/policies.ts';
import { CliError, NotDeployedError } from '../terminal/cli-error.ts';
import { fleetDevice } from '../fleet/fleet-device.ts';
import type { NamedPolicy } from '../../policy/document.ts';
import { evaluate, type Request, type Source, type Verdict } from '../../policy/evaluate.ts';
import { devicePolicy, obstacles } from '../policy/device-policies.ts';
import { inWords, MQTT_ACTIONS, type MqttAction, mqttRequest, problemWith } from '../policy/mqtt-request.ts';
import type { CommonOptions } from '../common-options.ts';
import { withSpinner } from '../terminal/spinner.ts';
import { colours, print, printable, printSentence, type Terminal } from '../terminal/terminal.ts';

interface ExplainOptions extends CommonOptions {
  readonly json?: true;
}

const EXIT_REFUSED = 3;

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<device>')
    .addArgument(new Argument('<action>', 'what it would do').choices(MQTT_ACTIONS))
    .argument(
      '[topic]',
      'a topic, for subscribe a topic filter, for connect a client id (without it: the device itself)',
    )
    .option('--json', 'print a JSON object; allowed says whether it may')
    .addHelpText(
      'after',
      `
Judges by what is deployed now: the policies attached to the device's certificate, and the certificate's status.
Exit code: 0 when the device may, ${EXIT_REFUSED} when it may not, 1 for an error.

Examples:
  bin/fleet explain kitchen-sensor publish rtjm/kitchen-sensor/telemetry
  bin/fleet explain kitchen-sensor subscribe 'cmd/rtjm/kitchen-sensor/#'
  bin/fleet explain kitchen-sensor connect garage-door`,
    )
    .action((device: string, action: MqttAction, topic: string | undefined) =>
      explain(device, action, topic, command.optsWithGlobals<ExplainOptions>(), terminal),
    );
}

async function explain(
  device: string,
  action: MqttAction,
  topic: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<void> {
  const { names, json } = options;
  const { site } = fleetDevice(options, device);
  const thing = names.thing(device);
  if (topic === undefined && action !== 'connect') {
    const kind = action === 'subscribe' ? 'topic filter' : 'topic';
    throw new CliError(`${inWords(action)} what? Name a ${kind}; see: bin/fleet explain --help`);
  }
  const target = topic ?? thing;
  const problem = problemWith(action, target);
  if (problem !== undefined) throw new CliError(problem);

  const { allowed, source, why } = await withSpinner(
    terminal,
    'Asking AWS',
    judge({ device, thing, isListed: site.list !== undefined }, action, target),
  );
  const { stdout } = terminal;
  if (json) {
    const decidedBy = source && { policy: source.policy, statement: source.statement.label };
    await print(stdout, JSON.stringify({ device, action, target, allowed, ...decidedBy, why }, undefined, 2));
  } else {
    const may = allowed ? colours(stdout).green('may') : colours(stdout).red('may not');
    await printSentence(stdout, `${device} ${may} ${inWords(action)} ${printable(target)}`);
    for (const line of why) await printSentence(stdout, `  ${printable(line)}`);
  }
  if (!allowed) throw new CommanderError(EXIT_REFUSED, 'fleet.refused', 'refused');
}

interface Judgement {
  readonly allowed: boolean;
  /** The statement that decides, where one does. */
  readonly source?: Source;
  /** In words, a line each. */
  readonly why: readonly string[];
}

interface Who {
  readonly device: string;
  readonly thing: string;
  /** Whether its thing is made when its board enrols. */
  readonly isListed: boolean;
}

async function judge(of: Who, action: MqttAction, target: string): Promise<Judgement> {
  const certificates = (await certificatesOf(of.thing)) ?? (of.isListed ? [] : undefined);
  if (certificates === undefined) throw new NotDeployedError(`device "${of.device}"`);
  const judgements: Judgement[] = [];
  for (const certificate of certificates) judgements.push(await judgeCertificate(of, action, target, certificate));
  return (
    judgements.find(({ allowed }) => allowed) ??
    judgements[0] ?? { allowed: false, why: ['no certificate is attached to its thing, so it cannot connect at all'] }
  );
}

async function judgeCertificate(
  of: Who,
  action: MqttAction,
  target: string,
  certificate: Certificate,
): Promise<Judgement> {
  const request = mqttRequest(of, action, target, certificate.arn);
  const policies = (await policiesOf(certificate.arn)).map(devicePolicy);
  const verdict = evaluate(policies, request);
  const isActive = certificate.status === 'ACTIVE';
  const why = [
    ...(isActive
      ? []
      : [`its certificate ${shortId(certificate)} is ${certificate.status}, so it cannot connect at all`]),
    describe(verdict, request, policies),
  ];
  const allowed = isActive && verdict.outcome === 'allowed';
  return 'statement' in verdict ? { allowed, source: verdict, why } : { allowed, why };
}

/** @throws {CliError} when the verdict is unsure */
function describe(verdict: Verdict, request: Request, policies: readonly NamedPolicy[]): string {
  const { action, resource } = request;
  switch (verdict.outcome) {
    case 'allowed':
    case 'denied': {
      const { statement } = verdict;
      const effect = verdict.outcome === 'allowed' ? 'allows' : 'denies';
      return `${named(verdict)} ${effect} ${action} on ${(statement.resources ?? []).join(', ')}`;
    }
    case 'not allowed': {
      if (policies.length === 0) return 'no policy is attached to its certificate';
      const reasons = obstacles(policies, request).map((obstacle) => `${named(obstacle)} ${obstacle.why}`);
      if (reasons.length === 0)
        return `no statement of its policies (${policies.map(({ name }) => name).join(', ')}) is about ${action}`;
      return `no statement allows ${action} on ${resource}: ${reasons.join('; ')}`;
    }
    case 'unsure':
      throw new CliError(
        `cannot tell whether it may: in ${named(verdict)} fleet explain does not understand ${verdict.reason}`,
      );
  }
}

function named({ policy, statement }: Source): string {
  return `policy ${policy}, statement ${statement.label},`;
}
