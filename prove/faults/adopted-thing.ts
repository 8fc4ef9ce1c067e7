import {
  CloudFormationClient,
  ContinueUpdateRollbackCommand,
  CreateChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import {
  AttachPolicyCommand,
  AttachThingPrincipalCommand,
  CreateCertificateFromCsrCommand,
  CreatePolicyCommand,
  CreateThingCommand,
  DeletePolicyCommand,
  DescribeCertificateCommand,
  DescribeThingCommand,
  IoTClient,
  ListAttachedPoliciesCommand,
  ListPoliciesCommand,
  ListPrincipalThingsCommand,
} from '@aws-sdk/client-iot';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Faults } from '@esp-fleet/local-cloud';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateRequest, newPrivateKey } from '../../aws/new-key.ts';
import { board, connected } from '../../testing/cloud/board.ts';
import { type Deployment, type OperatedFleet, startDeployment } from '../../testing/cloud/deployment.ts';
import { Publisher } from '../../testing/cloud/publisher.ts';
import { NAMES, NAMING } from '../proved-fleet.ts';

/** The site without the device, with its certificate that keeps its policy, and with the one that does not. */
export type State = 'without' | 'keeping' | 'adopted';

const DEVICE = 'attic';
const { thingName, policyName: POLICY } = NAMES.holder(DEVICE);
const BY_HAND = 'wide';
const SITE = 'home';
const STACK = NAMES.siteStack(SITE);
const ATTRIBUTES = { shelf: '3' };

/** What there is of it that the fleet could change. */
export interface Found {
  readonly status: string | undefined;
  readonly things: readonly string[] | undefined;
  readonly shelf: string | undefined;
  readonly parameters: readonly (string | undefined)[];
  /** The policies of its certificate. */
  readonly attached: readonly (string | undefined)[];
  /** All that there are. */
  readonly policies: readonly (string | undefined)[];
}

/** How its thing and its certificate are at all times. */
export const ALWAYS = { status: 'ACTIVE', things: [thingName], shelf: ATTRIBUTES.shelf };

const sorted = (...names: readonly string[]): string[] => [...names].sort();

/** How it has to be in a state. */
export const expectedIn = (state: State): Found => ({
  ...ALWAYS,
  parameters: state === 'without' ? [] : [`${NAMES.identityPath(SITE, DEVICE, 1)}/certificate`],
  attached: { without: [BY_HAND], keeping: sorted(POLICY, BY_HAND), adopted: [POLICY] }[state],
  policies: state === 'without' ? [BY_HAND] : sorted(POLICY, BY_HAND),
});

/** A thing that was made by hand, whose board publishes all the time, in a cloud of its own with a site for it. */
export class AdoptedThing {
  readonly faults: Faults;
  /** When it was cut off, see Publisher. */
  readonly publisher: Publisher;
  readonly #deployment: Deployment;
  readonly #cloudFormation: CloudFormationClient;
  readonly #iot: IoTClient;
  readonly #ssm: SSMClient;
  readonly #certificate: Certificate;
  readonly #templates: Templates;
  #changeSets = 0;

  private constructor(
    faults: Faults,
    deployment: Deployment,
    certificate: Certificate,
    templates: Templates,
    publisher: Publisher,
  ) {
    this.faults = faults;
    this.publisher = publisher;
    this.#deployment = deployment;
    this.#certificate = certificate;
    this.#templates = templates;
    this.#cloudFormation = new CloudFormationClient(deployment.client);
    this.#iot = new IoTClient(deployment.client);
    this.#ssm = new SSMClient(deployment.client);
  }

  /** Not in the fleet yet. */
  static async make(): Promise<AdoptedThing> {
    const faults = new Faults();
    const deployment = await startDeployment({ faults, naming: NAMING });
    try {
      const certificate = await madeByHand(new IoTClient(deployment.client));
      const templates = await templatesFor(certificate, deployment);
      const { cloud } = deployment;
      const { cert, key } = certificate;
      const client = board(cloud.mqttPort, thingName, { cert, key, ca: cloud.rootCaPem });
      await connected(client);
      const publisher = new Publisher(client, `${NAMES.telemetryTopic(DEVICE)}/telemetry`);
      publisher.start();
      return new AdoptedThing(faults, deployment, certificate, templates, publisher);
    } catch (error) {
      await deployment.close();
      throw error;
    }
  }

  /** What `cdk deploy --import-existing-resources` does. @returns whether it succeeded */
  async deploy(state: State): Promise<boolean> {
    if ((await this.#settled()) === 'UPDATE_ROLLBACK_FAILED') {
      await this.#cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: STACK }));
      await this.#settled();
    }
    const change = { StackName: STACK, ChangeSetName: `changes-${++this.#changeSets}` };
    try {
      await this.#cloudFormation.send(
        new CreateChangeSetCommand({
          ...change,
          TemplateBody: this.#templates[state],
          Capabilities: ['CAPABILITY_IAM'],
          ImportExistingResources: true,
        }),
      );
    } catch (error) {
      if ((error as Error).name !== 'InjectedFailure') throw error; // CloudFormation looks for what there is to import
      return false;
    }
    const { Status, StatusReason = '' } = await this.#cloudFormation.send(new DescribeChangeSetCommand(change));
    if (Status === 'FAILED') {
      if (!StatusReason.includes("didn't contain changes")) throw new Error(`the change set failed: ${StatusReason}`);
      return true;
    }
    await this.#cloudFormation.send(new ExecuteChangeSetCommand(change));
    return (await this.#settled()) === 'UPDATE_COMPLETE';
  }

  /** Whatever went wrong before, once it is tried again and doctor has done what it can. */
  async untilDeployed(state: State): Promise<void> {
    this.#deployment.writeSite(SITE, fleetFile(state, this.#certificate));
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await this.deploy(state)) return;
      await this.followDoctor();
    }
    throw new Error(`it does not come to ${state}`);
  }

  /** Does what doctor does, and what it tells people to do: a creation whose answer was lost leaves a policy in the way. */
  async followDoctor(): Promise<void> {
    const { stdout } = await this.#deployment.fleet('doctor', '--fix', '--yes');
    if (stdout.includes(`${DEVICE} cannot be deployed: there is a policy of that name already`))
      await this.#iot.send(new DeletePolicyCommand({ policyName: POLICY }));
  }

  async found(): Promise<Found> {
    const { certificateDescription: { status } = {} } = await this.#iot.send(
      new DescribeCertificateCommand({ certificateId: this.#certificate.id }),
    );
    const { arn } = this.#certificate;
    const { things } = await this.#iot.send(new ListPrincipalThingsCommand({ principal: arn }));
    const { policies = [] } = await this.#iot.send(new ListAttachedPoliciesCommand({ target: arn }));
    const { policies: all = [] } = await this.#iot.send(new ListPoliciesCommand({}));
    const { attributes } = await this.#iot.send(new DescribeThingCommand({ thingName }));
    const { Parameters = [] } = await this.#ssm.send(new GetParametersByPathCommand({ Path: '/', Recursive: true }));
    const parameters = Parameters.map(({ Name }) => Name).filter((name) => name?.startsWith('/esp-fleet'));
    return {
      ...{ status, things, shelf: attributes?.shelf, parameters },
      attached: policies.map(({ policyName }) => policyName).sort(),
      policies: all.map(({ policyName }) => policyName).sort(),
    };
  }

  async close(): Promise<void> {
    await this.publisher.stop();
    await this.#deployment.close();
  }

  async #settled(): Promise<string> {
    for (;;) {
      // The answer is held while an operation runs.
      const { Stacks: [stack] = [] } = await this.#cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
      if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack?.StackStatus ?? '';
    }
  }
}

type Certificate = Readonly<Record<'id' | 'arn' | 'cert' | 'key', string>>;
type Templates = Readonly<Record<State, string>>;

/** A thing with a certificate and a policy, as somebody makes them in the console. */
async function madeByHand(iot: IoTClient): Promise<Certificate> {
  const key = newPrivateKey('ec');
  const certificateSigningRequest = await certificateRequest(key, 'by-hand');
  const made = await iot.send(new CreateCertificateFromCsrCommand({ certificateSigningRequest, setAsActive: true }));
  const { certificateArn: arn = '', certificateId: id = '', certificatePem: cert = '' } = made;
  const Statement = [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }];
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iot.send(new CreatePolicyCommand({ policyName: BY_HAND, policyDocument }));
  await iot.send(new CreateThingCommand({ thingName, attributePayload: { attributes: ATTRIBUTES } }));
  await iot.send(new AttachThingPrincipalCommand({ thingName, principal: arn }));
  await iot.send(new AttachPolicyCommand({ policyName: BY_HAND, target: arn }));
  return { id, arn, cert, key };
}

function fleetFile(state: State, { id }: Certificate): string {
  const keeps = state === 'keeping' ? `, policies: [${BY_HAND}]` : '';
  return state === 'without'
    ? 'devices: {}\n'
    : `devices: { ${DEVICE}: { board: esp32, certificate: ${id}${keeps} } }\n`;
}

/** Deploys the site without the device. @returns the templates of all states */
async function templatesFor(certificate: Certificate, fleet: OperatedFleet): Promise<Templates> {
  const cdk = async (...args: readonly string[]) => {
    const { code, stderr } = await fleet.cdk(...args);
    if (code !== 0) throw new Error(`cdk ${args[0]} failed: ${stderr}`);
  };
  const synthesized = async (state: State) => {
    fleet.writeSite(SITE, fleetFile(state, certificate));
    await cdk('synth', STACK, '--quiet');
    return readFileSync(join(fleet.folder, 'cdk.out', `${STACK}.template.json`), 'utf8');
  };
  fleet.writeSite(SITE, fleetFile('without', certificate));
  await cdk('deploy', STACK, '--require-approval', 'never');
  const deployed = await new CloudFormationClient(fleet.client).send(new GetTemplateCommand({ StackName: STACK }));
  return {
    without: deployed.TemplateBody ?? '',
    keeping: await synthesized('keeping'),
    adopted: await synthesized('adopted'),
  };
}
