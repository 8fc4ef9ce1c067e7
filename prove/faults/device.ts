import {
  ContinueUpdateRollbackCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import type { CertificateProperties } from './device-template.ts';
import { type Lane, leakIn } from './lane.ts';
import { purgeCertificates } from './state.ts';

/** A device with a stack of its own, as an operator deploys it. */
export class ProvedDevice {
  readonly name: string;
  readonly lane: Lane;
  #stackId: string | undefined;

  constructor(lane: Lane, name: string) {
    this.lane = lane;
    this.name = name;
  }

  /** Brings the stack to these properties of the certificate, or to no device; gets a stack that is stuck going first. */
  async deploy(properties: CertificateProperties | undefined): Promise<Stack> {
    const { cloudFormation, template } = this.lane;
    let stack = await this.#settled();
    if (stack?.StackStatus === 'UPDATE_ROLLBACK_FAILED') {
      await cloudFormation.send(new ContinueUpdateRollbackCommand({ StackName: this.#stackId }));
      stack = await this.#settled();
    }
    // The CDK CLI does so as well: a stack whose creation has failed cannot be updated.
    if (/^ROLLBACK_/.test(stack?.StackStatus ?? '')) stack = await this.destroy();
    const TemplateBody = template(this.name, properties);
    if (stack === undefined || stack.StackStatus === 'DELETE_COMPLETE') {
      const { StackId } = await cloudFormation.send(new CreateStackCommand({ StackName: this.name, TemplateBody }));
      this.#stackId = StackId;
    } else {
      await cloudFormation.send(new UpdateStackCommand({ StackName: this.#stackId, TemplateBody }));
    }
    return (await this.#settled()) as Stack;
  }

  async destroy(): Promise<Stack | undefined> {
    if (this.#stackId === undefined) return undefined;
    await this.lane.cloudFormation.send(new DeleteStackCommand({ StackName: this.#stackId }));
    return this.#settled();
  }

  /** Removes all there is of it, whatever a case has left. */
  async remove(): Promise<void> {
    if ((await this.destroy())?.StackStatus === 'DELETE_FAILED') await this.destroy();
    await purgeCertificates(this.lane);
  }

  /** What CloudFormation has as the physical id of the certificate. */
  async physicalId(): Promise<string | undefined> {
    const { StackResources = [] } = await this.lane.cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: this.#stackId }),
    );
    return StackResources.find(({ ResourceType }) => ResourceType === 'Custom::DeviceCertificate')?.PhysicalResourceId;
  }

  /** What stands in an event and must not; undefined when there is nothing. */
  async leak(): Promise<string | undefined> {
    const { StackEvents = [] } = await this.lane.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: this.#stackId }),
    );
    return leakIn([JSON.stringify(StackEvents)], this.lane.keys);
  }

  async #settled(): Promise<Stack | undefined> {
    if (this.#stackId === undefined) return undefined;
    for (;;) {
      // The answer is held while an operation runs.
      const describe = new DescribeStacksCommand({ StackName: this.#stackId });
      const { Stacks: [stack] = [] } = await this.lane.cloudFormation.send(describe);
      if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
    }
  }
}
