import { SetV2LoggingOptionsCommand } from '@aws-sdk/client-iot';
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { iot } from '../../aws/clients.ts';
import { startPageServer } from '../../cli/web/server.ts';
import { EXECUTABLE } from '../lambda/chart-widget/chromium.ts';
import { startDeployment } from '../../testing/cloud/deployment.ts';
import { PICTURE, readyForPicture, showPicture, SHOWN, shownOn } from './page-picture.ts';

/* `npm run page-picture`: the picture of the page that the README shows, of a real deployment with a board that is connected. */

const DEVICE = 'kitchen-sensor';

const deployment = await startDeployment();
Object.assign(process.env, deployment.cloud.environment);
try {
  const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
  if (code !== 0) throw new Error(stderr);
  const roleArn = 'arn:aws:iam::000000000000:role/logs';
  await iot.send(new SetV2LoggingOptionsCommand({ roleArn, defaultLogLevel: 'ERROR' }));
  const client = await readyForPicture(deployment, DEVICE);
  const server = await startPageServer(deployment.which, 0);
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: 1180, height: 860 }, colorScheme: 'light' });
  await showPicture(page, server.link, DEVICE);
  await page.screenshot({ path: PICTURE, animations: 'disabled' });
  writeFileSync(SHOWN, await shownOn(page, DEVICE));
  await browser.close();
  await server.close();
  await client.endAsync(true);
  console.log(PICTURE);
} finally {
  await deployment.close();
}
