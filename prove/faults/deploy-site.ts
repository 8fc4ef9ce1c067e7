import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetSettings } from '../../lib/fleet/schema.ts';
import { NAMES, NAMING } from '../proved-fleet.ts';
import { startDeployment } from '../../testing/cloud/deployment.ts';
import { DEVICES, functionTemplate, type Kind, type SiteTemplates } from './device-template.ts';

export const SITE = 'proved';

/** The site whose devices are the lines of a list. */
export const LIST_SITE = 'listed';

/** In the folder of the fleet. */
export const LIST = 'listed.csv';

/** The stack with what the devices of a site share, so that the site's own stack can come and go. */
export const functionStack = (site: string): string => `function-of-${site}`;

/** In the data folder of the deployed sites. */
const TEMPLATES = 'templates.json';

/** The synthesized templates of the sites that `deploySites` has deployed into a data folder. */
export function siteTemplates(data: string): SiteTemplates {
  return JSON.parse(readFileSync(join(data, TEMPLATES), 'utf8')) as SiteTemplates;
}

/** The only site with each kind of device, and its fleet file. */
const SITES: Readonly<Record<Kind, readonly [string, string]>> = {
  cloud: [SITE, 'devices:\n  the-device: { board: esp8266 }\n'],
  board: [SITE, 'devices:\n  the-device: { board: esp8266, key: board }\n'],
  line: [LIST_SITE, `list: ${LIST}\n`],
};

/**
 * Deploys a site with one device, and one with a list, by the real CDK CLI into a data folder, and leaves their functions there,
 * and what boards enrol by, without the sites.
 */
export async function deploySites(data: string): Promise<void> {
  const deployment = await startDeployment({ data, naming: NAMING });
  const succeeded = async (...args: readonly string[]) => {
    const { code, stderr } = await deployment.cdk(...args);
    if (code !== 0) throw new Error(`cdk ${args[0]} failed: ${stderr}`);
  };
  const synthesized = (site: string) =>
    readFileSync(join(deployment.folder, 'cdk.out', `${NAMES.siteStack(site)}.template.json`), 'utf8');
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    writeFileSync(join(deployment.fleetDir, LIST), 'name,board\nthe-device-of-the-list,esp8266\n');
    for (const kind of ['board', 'line'] as const) deployment.writeSite(...SITES[kind]);
    await succeeded('deploy', '--all', '--require-approval', 'never');
    const functions = [SITE, LIST_SITE].map((site) => [site, functionTemplate(synthesized(site))] as const);
    const synthesizedAs = async (kind: Kind, ingest: FleetSettings['ingest']) => {
      const [site, text] = SITES[kind];
      deployment.writeSite(site, text);
      deployment.settings.ingest = ingest;
      await succeeded('synth', '--quiet');
      return synthesized(site);
    };
    const templates: Partial<Record<Kind, SiteTemplates[Kind]>> = {};
    for (const kind of DEVICES)
      templates[kind] = { broker: await synthesizedAs(kind, 'broker'), basic: await synthesizedAs(kind, 'basic') };
    writeFileSync(join(data, TEMPLATES), JSON.stringify(templates));

    const cloudFormation = new CloudFormationClient(deployment.client);
    const settled = async (StackName = '') => {
      for (;;) {
        // The answer is held while an operation runs.
        const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
        if (!stack?.StackStatus?.endsWith('_IN_PROGRESS')) return stack;
      }
    };
    for (const [site, TemplateBody] of functions) {
      const deployed = await settled(NAMES.siteStack(site));
      await cloudFormation.send(new DeleteStackCommand({ StackName: NAMES.siteStack(site) }));
      await settled(deployed?.StackId);
      const StackName = functionStack(site);
      const Capabilities = ['CAPABILITY_IAM' as const];
      const { StackId } = await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities }));
      const stack = await settled(StackId);
      if (stack?.StackStatus !== 'CREATE_COMPLETE') throw new Error(`${StackName} is ${stack?.StackStatus}`);
    }
  } finally {
    await deployment.close();
  }
}
