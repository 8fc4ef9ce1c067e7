import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMES, NAMING } from '../proved-fleet.ts';
import { startDeployment } from '../../testing/cloud/deployment.ts';
import { functionTemplate, type SiteTemplates } from './device-template.ts';

export const SITE = 'proved';

/** The stack with what the devices of the site share, so that the site's own stack can come and go. */
export const FUNCTION_STACK = 'function-of-the-site';

/** In the data folder of a deployed site. */
const TEMPLATES = 'templates.json';

/** The synthesized templates of the site that `deploySite` has deployed into a data folder. */
export function siteTemplates(data: string): SiteTemplates {
  return JSON.parse(readFileSync(join(data, TEMPLATES), 'utf8')) as SiteTemplates;
}

/** Deploys a site with one device by the real CDK CLI into a data folder, and leaves its function there, without the device. */
export async function deploySite(data: string): Promise<void> {
  const deployment = await startDeployment({ data, naming: NAMING });
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    deployment.writeSite(SITE, 'devices:\n  the-device: { board: esp8266 }\n');
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    if (code !== 0) throw new Error(`cdk deploy failed: ${stderr}`);

    const cloudFormation = new CloudFormationClient(deployment.client);
    const settled = async (StackName = '') => {
      for (;;) {
        // The answer is held while an operation runs.
        const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
        if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
      }
    };
    const StackName = NAMES.siteStack(SITE);
    const { TemplateBody = '' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
    deployment.settings.ingest = 'basic';
    const synthesis = await deployment.cdk('synth', '--quiet');
    if (synthesis.code !== 0) throw new Error(`cdk synth failed: ${synthesis.stderr}`);
    const basic = readFileSync(join(deployment.folder, 'cdk.out', `${StackName}.template.json`), 'utf8');
    const templates: SiteTemplates = { broker: TemplateBody, basic };
    writeFileSync(join(data, TEMPLATES), JSON.stringify(templates));
    const site = await settled(StackName);
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await settled(site?.StackId);
    const { StackId } = await cloudFormation.send(
      new CreateStackCommand({
        StackName: FUNCTION_STACK,
        TemplateBody: functionTemplate(TemplateBody),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    const stack = await settled(StackId);
    if (stack?.StackStatus !== 'CREATE_COMPLETE') throw new Error(`the function's stack is ${stack?.StackStatus}`);
  } finally {
    await deployment.close();
  }
}
