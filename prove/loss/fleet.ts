import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { NAMES, NAMING } from '../proved-fleet.ts';
import type { Pems } from '../../testing/cloud/board.ts';
import { startDeployment } from '../../testing/cloud/deployment.ts';
import { emittedIdentity } from '../../testing/cloud/emitted-identity.ts';

export interface Device {
  readonly name: string;
  readonly pems: Pems;
}

const SITE = 'loss';

/**
 * Deploys a fleet with the real CDK CLI into a folder that local clouds then start from.
 *
 * @param data the folder
 */
export async function deployFleet(data: string, size: number): Promise<Device[]> {
  const names = Array.from({ length: size }, (_, index) => `device-${index}`);
  const deployment = await startDeployment({ data, naming: NAMING });
  try {
    rmSync(join(deployment.fleetDir, 'home.yaml'));
    deployment.writeSite(SITE, `devices:\n${names.map((name) => `  ${name}: { board: esp32 }\n`).join('')}`);
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    if (code !== 0) throw new Error(`cdk deploy failed: ${stderr}`);
    const devices: Device[] = [];
    for (const name of names) devices.push({ name, pems: (await emittedIdentity(deployment, SITE, name)).pems });
    return devices;
  } finally {
    await deployment.close();
  }
}

/**
 * Deploys the rules anew, by which every payload stays whole.
 *
 * @param data a copy of the folder of a deployed fleet
 */
export async function keepWhole(data: string): Promise<string> {
  const deployment = await startDeployment({ data, naming: NAMING });
  try {
    deployment.settings.payload = 'raw';
    const { code, stderr } = await deployment.cdk('deploy', NAMES.telemetryStack, '--require-approval', 'never');
    if (code !== 0) throw new Error(`cdk deploy failed: ${stderr}`);
    return data;
  } finally {
    await deployment.close();
  }
}
