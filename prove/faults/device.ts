import {
  CloudFormationServiceException,
  ContinueUpdateRollbackCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { DeletePolicyCommand, DeleteThingCommand } from '@aws-sdk/client-iot';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EnrollingBoard } from '../../testing/cloud/enrolling-board.ts';
import { NAMES } from '../proved-fleet.ts';
import { allDevices, type FleetDevice, readFleet } from '../../lib/fleet/read.ts';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { LIST, LIST_SITE, SITE } from './deploy-site.ts';
import type { Lane } from './lane.ts';
import { leakIn } from './leaks.ts';
import { holderOf, purge } from './state.ts';
import { askDoctor, runVerb } from './verbs.ts';

/** How an attempt ended. */
export interface Attempt {
  readonly isDone: boolean;
  /** The status of the stack, or what a verb said. */
  readonly words: string;
}

/** Which kind of device is proved. */
export interface HowProved {
  /** What it has in the fleet file, unless a case says otherwise. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** @default false */
  readonly isListed?: boolean;
}

/** Time that it takes a run of the function to end when nothing makes it wait. */
const LONGEST_RUN_MS = 30_000;

const DONE = /^(CREATE|UPDATE|DELETE)_COMPLETE$/;

/** The only device of a site, as an operator handles it: by its fleet file, deployments, and the verbs of `fleet`. */
export class ProvedDevice {
  readonly name: string;
  readonly lane: Lane;
  /** The value of a parameter in the stack, which is there when a case wants it. */
  beside: string | undefined;
  /** The setting of the fleet, which decides what the policy allows. */
  ingest: FleetSettings['ingest'] = 'broker';
  /** The ids of the certificates that boards have got by enrolment, as long as the fleet file has the device. */
  readonly enrolled = new Set<string>();
  readonly #entry: Readonly<Record<string, unknown>>;
  /** Whether it is a line of a list. */
  readonly isListed: boolean;
  readonly site: string;
  #stackId: string | undefined;
  /** Ends the verb that runs, as an operator who closes his terminal. */
  #kill: () => void = () => undefined;

  constructor(lane: Lane, { entry = {}, isListed = false }: HowProved = {}) {
    this.lane = lane;
    this.name = lane.newName();
    this.#entry = { board: 'esp8266', ...entry };
    this.isListed = isListed;
    this.site = isListed ? LIST_SITE : SITE;
    for (const site of [SITE, LIST_SITE]) rmSync(join(lane.fleetDir, `${site}.yaml`), { force: true });
    if (isListed) writeFileSync(join(lane.fleetDir, `${LIST_SITE}.yaml`), `list: ${LIST}\n`);
    this.write(undefined);
  }

  /** Writes the device into the fleet file or its list, or one without it. @param entry what it has beside its board */
  write(entry: Readonly<Record<string, unknown>> | undefined): void {
    if (entry === undefined) this.enrolled.clear();
    if (this.isListed) return writeFileSync(join(this.lane.fleetDir, LIST), listOf(this.name, entry));
    const devices = entry === undefined ? {} : { [this.name]: { ...this.#entry, ...entry } };
    writeFileSync(join(this.lane.fleetDir, `${SITE}.yaml`), `devices: ${JSON.stringify(devices)}\n`);
  }

  /** What the fleet file says. */
  get wanted(): FleetDevice | undefined {
    const [site] = readFleet(this.lane.fleetDir, NAMES);
    return site && allDevices(site).devices[0];
  }

  /** Brings the stack to what the fleet file says, as the CDK CLI does; gets a stack that is stuck going first. */
  async deploy(): Promise<Attempt> {
    const { cloudFormation } = this.lane;
    let stack = await this.settled();
    if (stack?.StackStatus === 'UPDATE_ROLLBACK_FAILED') {
      await cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: this.#stackId }));
      stack = await this.settled();
    }
    // A stack whose creation has failed cannot be updated.
    if (/^(ROLLBACK_|DELETE_FAILED)/.test(stack?.StackStatus ?? '')) {
      const { isDone, words } = await this.destroy();
      if (!isDone) return { isDone, words };
      stack = undefined;
    }
    const TemplateBody = await this.#template();
    if (stack === undefined || stack.StackStatus === 'DELETE_COMPLETE') {
      const StackName = NAMES.siteStack(this.site);
      const { StackId } = await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
      this.#stackId = StackId;
    } else {
      try {
        await cloudFormation.send(new UpdateStackCommand({ StackName: this.#stackId, TemplateBody }));
      } catch (error) {
        if (!isUnchanged(error)) throw error;
        return { isDone: true, words: 'no changes' };
      }
    }
    return this.#attempt();
  }

  async destroy(): Promise<Attempt> {
    if (this.#stackId === undefined) return { isDone: true, words: 'no stack' };
    await this.lane.cloudFormation.send(new DeleteStackCommand({ StackName: this.#stackId }));
    return this.#attempt();
  }

  /** A board enrols as it. @throws {Error} when it is refused */
  async enrol(): Promise<void> {
    const { mqttPort, claim, fleetDir, keys } = this.lane;
    const { code, stdout, stderr } = await runVerb(fleetDir, 'enrol', this.name);
    if (code !== 0) throw new Error(`fleet enrol failed: ${stderr}`);
    const board = await EnrollingBoard.enrolledBy(stdout, claim, { names: NAMES, mqttPort });
    keys.add(board.identity.key.split('\n')[1] ?? '');
    if (board.certificate) this.enrolled.add(board.certificate.certificateId);
  }

  /** Runs a verb of `fleet` on the device. */
  async run(verb: string, ...options: readonly string[]): Promise<Attempt> {
    const killed = new Promise<Attempt>((resolve) => {
      this.#kill = () => resolve({ isDone: false, words: 'killed' });
    });
    const finished = runVerb(this.lane.fleetDir, verb, this.name, ...options).then(({ code, stderr }) => ({
      isDone: code === 0,
      words: code === 0 ? 'done' : stderr.trim(),
    }));
    return Promise.race([finished, killed]);
  }

  /** Does what `fleet doctor` does and what it tells people to do. */
  async followDoctor(): Promise<void> {
    const { fleetDir, iot } = this.lane;
    for (const { text } of await askDoctor(fleetDir, true)) {
      if (!text.includes('cannot be deployed: there is')) continue;
      if (/there is .*a policy of that name/.test(text))
        await iot.send(new DeletePolicyCommand({ policyName: holderOf(this).policyName }));
      if (/there is a thing/.test(text)) await iot.send(new DeleteThingCommand({ thingName: NAMES.thing(this.name) }));
    }
  }

  /** Ends the verb that runs where it stands; it never comes back. */
  killVerb(): Promise<never> {
    this.#kill();
    return new Promise(() => undefined);
  }

  /** Waits until every event that was delivered since the faults were last cleared has been dealt with. @param again deliveries */
  async untilRunsHaveEnded(again = 0): Promise<void> {
    const { faults, isEndOfRun } = this.lane;
    const expected = faults.calls.filter(({ operation }) => operation === 'Invoke').length + again;
    const deadline = Date.now() + LONGEST_RUN_MS;
    while (faults.calls.filter(isEndOfRun).length < expected) {
      if (Date.now() > deadline) throw new Error('a run of the function has not ended');
      await setTimeout(20);
    }
  }

  /** Removes all there is of it, whatever a case has left. */
  async remove(): Promise<void> {
    this.write(undefined);
    if (!(await this.destroy()).isDone) {
      await purge(this);
      await this.destroy();
    }
    await purge(this);
  }

  /** What CloudFormation has as the physical ids of the certificates. */
  async physicalIds(): Promise<string[]> {
    const { StackResources = [] } = await this.lane.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: this.#stackId }),
    );
    return StackResources.filter(({ ResourceType }) => ResourceType === 'Custom::DeviceCertificate').map(
      ({ PhysicalResourceId = '' }) => PhysicalResourceId,
    );
  }

  /** What stands in an event and must not; undefined when there is nothing. */
  async leak(): Promise<string | undefined> {
    return leakIn([JSON.stringify(await this.#events())], this.lane.keys);
  }

  /** Waits until no operation runs on the stack. */
  async settled(): Promise<Stack | undefined> {
    if (this.#stackId === undefined) return undefined;
    for (;;) {
      // The answer is held while an operation runs.
      const describe = new DescribeStacksCommand({ StackName: this.#stackId });
      const { Stacks: [stack] = [] } = await this.lane.cloudFormation.send(describe);
      if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
    }
  }

  async #template(): Promise<string> {
    const { template, listTemplate, fleetDir, s3 } = this.lane;
    const options = { ingest: this.ingest, ...(this.beside !== undefined && { beside: this.beside }) };
    if (!this.isListed) return template(this.wanted, options);
    const Body = readFileSync(join(fleetDir, LIST));
    const Key = `${createHash('sha256').update(Body).digest('hex')}.csv`;
    await s3.send(new PutObjectCommand({ Bucket: ASSETS, Key, Body }));
    return listTemplate(Key, options);
  }

  async #attempt(): Promise<Attempt> {
    const { StackStatus = '' } = (await this.settled()) ?? {};
    if (DONE.test(StackStatus)) return { isDone: true, words: StackStatus };
    const failed = (await this.#events()).filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'));
    const reasons = failed.map(({ ResourceStatusReason = '' }) => ResourceStatusReason);
    const why = reasons.find((reason) => reason !== '' && !reason.endsWith('cancelled')) ?? '';
    return { isDone: false, words: `${StackStatus} (${why})` };
  }

  /** The newest first. */
  async #events(): Promise<StackEvent[]> {
    if (this.#stackId === undefined) return [];
    const describe = new DescribeStackEventsCommand({ StackName: this.#stackId });
    return (await this.lane.cloudFormation.send(describe)).StackEvents ?? [];
  }
}

/** The CDK's bucket in the account of the local cloud. */
const ASSETS = 'cdk-hnb659fds-assets-000000000000-us-east-1';

function listOf(name: string, entry: Parameters<ProvedDevice['write']>[0]): string {
  const { generations: [generation] = [1], revoked = '' } = (entry ?? {}) as {
    readonly generations?: readonly number[];
    readonly revoked?: boolean;
  };
  const line = `${name},esp8266,${generation},${revoked}\n`;
  return `name,board,generation,revoked\n${entry === undefined ? '' : line}`;
}

const isUnchanged = (error: unknown): boolean =>
  error instanceof CloudFormationServiceException && error.message.includes('No updates are to be performed');
