import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';

const cloudFormation = new CloudFormationClient({});

/** The devices that these stacks hold, by name: their things. A stack that is not deployed has none. */
export async function devicesOf(stacks: readonly string[]): Promise<string[]> {
  return (await Promise.all(stacks.map(devicesOfStack))).flat().sort();
}

async function devicesOfStack(stack: string): Promise<string[]> {
  const devices: string[] = [];
  try {
    const pages = paginateListStackResources({ client: cloudFormation }, { StackName: stack });
    for await (const { StackResourceSummaries = [] } of pages) {
      for (const { ResourceType, ResourceStatus, PhysicalResourceId } of StackResourceSummaries) {
        const isThere = ResourceType === 'AWS::IoT::Thing' && ResourceStatus !== 'DELETE_COMPLETE';
        if (isThere && PhysicalResourceId !== undefined) devices.push(PhysicalResourceId);
      }
    }
    return devices;
  } catch (error) {
    // CloudFormation has no error of its own for this.
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist'))
      return [];
    throw error;
  }
}
