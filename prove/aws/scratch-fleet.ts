import { DeleteStackCommand, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { DeleteTopicRuleCommand, paginateListTopicRules } from '@aws-sdk/client-iot';
import { DeleteParameterCommand, GetParameterCommand, paginateGetParametersByPath } from '@aws-sdk/client-ssm';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCertificate, removeCertificate } from '../../aws/certificates.ts';
import { cloudFormation, iot, ssm } from '../../aws/clients.ts';
import { listed } from '../../aws/gone.ts';
import { deletePolicy, policyNames } from '../../aws/policies.ts';
import { listStacks } from '../../aws/stacks.ts';
import { deleteThing, listThings } from '../../aws/things.ts';
import { inAMinute, inSixMinutes } from '../../aws/wait.ts';
import { deployedFleetId } from '../../cli/aws/deployment.ts';
import { FleetNames } from '../../lib/fleet/names.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** By which a later run knows that it is a fleet of this proof, and may remove it. */
const ID = 'prove-aws';
const SETTINGS = { name: 'proveaws', removal: 'destroy', id: ID };

export const SITE = 'probe';
export const DEVICE = 'probe';
/** Is revoked on the way. */
export const STOLEN = 'stolen';

/** The product, deployed under a name of its own, for as long as the proof takes. What it finds there of an earlier run is its own. */
export class ScratchFleet {
  readonly names = new FleetNames(SETTINGS);
  readonly #folder: string;

  /** @param folder a temporary one, for the fleet file and what the CDK writes */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, 'fleet'), { recursive: true });
    const entries = [DEVICE, STOLEN].map((device) => `  ${device}: { board: esp32 }\n`);
    writeFileSync(join(folder, 'fleet', `${SITE}.yaml`), `devices:\n${entries.join('')}`);
  }

  /** For a verb of `fleet`, so that it is about this fleet. */
  get which(): readonly string[] {
    return ['-c', `fleet=${JSON.stringify(SETTINGS)}`, '--fleet', join(this.#folder, 'fleet')];
  }

  /** The name of a topic rule for a probe. */
  ruleName(id: string): string {
    return `${this.#rulePrefix}${id}`;
  }

  get #rulePrefix(): string {
    return `${this.names.telemetryRule}_probe_`;
  }

  async deploy(signal: AbortSignal): Promise<void> {
    await this.#cdk(signal, 'deploy', '--all', '--require-approval', 'never');
  }

  /** All that is there of it, such as `stack fleet-proveaws-telemetry`. */
  async inventory(): Promise<string[]> {
    const { names } = this;
    const stacks = (await listStacks()).filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
    const rules = await listed(paginateListTopicRules({ client: iot }, {}), (page) => page.rules);
    const path = { Path: names.identityRoot, Recursive: true };
    const parameters = await listed(paginateGetParametersByPath({ client: ssm }, path), (page) => page.Parameters);
    const all = [
      ['stack', stacks.map(({ StackName = '' }) => StackName), names.siteStack('').replace(/site-$/, '')],
      ['rule', rules.map(({ ruleName = '' }) => ruleName), names.telemetryRule],
      ['thing', await listThings(), names.thing('')],
      ['policy', await policyNames(), names.policy('')],
      ['parameter', parameters.map(({ Name = '' }) => Name), ''],
    ] as const;
    return all.flatMap(([kind, called, prefix]) =>
      called.filter((name) => name.startsWith(prefix)).map((name) => `${kind} ${name}`),
    );
  }

  /** @throws {Error} when a fleet of that name is somebody else's */
  async refuseForeign(): Promise<void> {
    for (const stack of [this.names.telemetryStack, this.names.siteStack(SITE)]) {
      const id = await deployedFleetId(stack);
      if (id !== undefined && id !== ID) throw new Error(`${stack} is somebody else's: this proof would take it away`);
    }
  }

  /** Removes all of it: what the product deployed by the product's own way, and what the probes made beside it. */
  async remove(): Promise<void> {
    const { parameterPath, certificateParameter } = this.probed;
    const found = await this.inventory();
    for (const what of found) {
      const [kind, name = ''] = what.split(' ');
      if (kind === 'rule' && name.startsWith(this.#rulePrefix))
        await iot.send(new DeleteTopicRuleCommand({ ruleName: name }));
      if (kind === 'stack' && name === this.adoptingStack) await this.deleteStack(name);
      if (kind === 'parameter' && name.startsWith(`${parameterPath}/`) && name !== certificateParameter)
        await ssm.send(new DeleteParameterCommand({ Name: name }));
    }
    await this.#cdk(new AbortController().signal, 'destroy', '--all', '--force');
    for (const name of [this.adoptedThing, this.updatedThing]) await deleteThing(name, inAMinute());
    await this.#removeProbed(found.includes(`parameter ${certificateParameter}`));
  }

  /** Where the probe was interrupted, some of it may still be attached, or be detached and not yet let go of. */
  async #removeProbed(isRecorded: boolean): Promise<void> {
    const { thingName, policyName, certificateParameter: Name } = this.probed;
    const deadline = inSixMinutes();
    if (isRecorded) {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
      const certificate = await findCertificate(Parameter?.Value ?? '');
      if (certificate) await removeCertificate(certificate, { thingName, policyName }, deadline);
    }
    await deleteThing(thingName, deadline);
    await deletePolicy(policyName, deadline);
    if (isRecorded) await ssm.send(new DeleteParameterCommand({ Name }));
  }

  /** For the probe of what CloudFormation does with a thing that is there. */
  readonly adoptedThing = this.names.thing('adopted');
  readonly updatedThing = this.names.thing('updated');
  readonly adoptingStack = this.names.siteStack('adopted').replace('-site-', '-probe-');

  /** What probes make and delete by themselves. */
  readonly probed = {
    thingName: this.names.thing('probed'),
    policyName: this.names.policy('probed'),
    parameterPath: `${this.names.identityRoot}/probed`,
    /** By its id a later run finds the certificate, which has no name. */
    certificateParameter: `${this.names.identityRoot}/probed/certificate`,
  };

  async deleteStack(StackName: string): Promise<void> {
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(
      { client: cloudFormation, maxWaitTime: 900, minDelay: 1, maxDelay: 5 },
      { StackName },
    );
  }

  async #cdk(signal: AbortSignal, ...args: readonly string[]): Promise<void> {
    signal.throwIfAborted();
    const assembly = join(this.#folder, 'cdk.out');
    const context = ['-c', `fleetDir=${join(this.#folder, 'fleet')}`, '-c', `fleet=${JSON.stringify(SETTINGS)}`];
    // Synthesized once: `destroy` takes what `deploy` has.
    const app = existsSync(join(assembly, 'manifest.json')) ? ['--app', assembly] : [...context, '--output', assembly];
    const cli = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
    const child = spawn(process.execPath, [cli, ...args, ...app], {
      cwd: ROOT,
      detached: true, // Ctrl-C is for us: what CloudFormation has begun is ended before it is taken away
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true', CDK_VALIDATION: 'false', CI: 'true' },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`cdk ${args[0]} failed: ${said.trim()}`);
  }
}
