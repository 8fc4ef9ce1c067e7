import {
  type CloudFormationClient,
  CreateStackCommand,
  type CreateStackCommandInput,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
  type StackEvent,
  UpdateStackCommand,
  type UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation';

export type Template = Readonly<Record<string, unknown>>;
type Options = Partial<CreateStackCommandInput & UpdateStackCommandInput>;

export interface StackClient {
  /** Creates a stack or updates it, and waits for the end. */
  deploy(name: string, template: Template, options?: Options): Promise<Stack>;
  /** Deletes a stack and waits for the end. */
  destroy(stack: Stack, options?: { RetainResources?: string[] }): Promise<Stack>;
  /** Waits until no operation runs on the stack. */
  settled(nameOrArn: string | undefined): Promise<Stack>;
  /** Events of a stack, oldest first. */
  events(nameOrArn: string | undefined): Promise<StackEvent[]>;
  /** The same, as `<logical id> <status>`. */
  story(nameOrArn: string | undefined): Promise<string[]>;
}

/** Stacks as tests handle them: through the SDK, waiting for the end of every operation. */
export function stackClient(client: CloudFormationClient): StackClient {
  const settled = async (StackName: string | undefined): Promise<Stack> => {
    for (;;) {
      // The answer is held while an operation runs.
      const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
      if (stack && !/(?<!REVIEW)_IN_PROGRESS$/.test(stack.StackStatus ?? '')) return stack;
    }
  };
  const events = async (StackName: string | undefined): Promise<StackEvent[]> =>
    ((await client.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? []).reverse();
  return {
    settled,
    events,
    async deploy(StackName, template, options = {}) {
      const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
      const input = { StackName, TemplateBody: JSON.stringify(template), Capabilities, ...options };
      const exists = await client.send(new DescribeStacksCommand({ StackName })).then(
        ({ Stacks = [] }) => Stacks.length > 0,
        () => false,
      );
      const { StackId } = await client.send(exists ? new UpdateStackCommand(input) : new CreateStackCommand(input));
      return settled(StackId);
    },
    async destroy({ StackId }, options = {}) {
      await client.send(new DeleteStackCommand({ StackName: StackId, ...options }));
      return settled(StackId);
    },
    story: async (name) =>
      (await events(name)).map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`),
  };
}
