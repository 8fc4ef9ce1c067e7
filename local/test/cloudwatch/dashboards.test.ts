import {
  CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  PutDashboardCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cloudWatchService } from '../../src/cloudwatch/cloudwatch-service.ts';
import { type Services, startServices } from '../support/start-services.ts';

let services: Services;
let client: CloudWatchClient;
let stop = (): void => undefined;

beforeAll(async () => {
  services = await startServices((parts) => {
    const cloudWatch = cloudWatchService(parts);
    stop = () => cloudWatch.close();
    return [cloudWatch.service];
  });
  client = new CloudWatchClient(services.operator);
});
afterAll(async () => {
  stop();
  await services.close();
});

const body = (markdown: string) => JSON.stringify({ widgets: [{ type: 'text', properties: { markdown } }] });
const put = (DashboardName: string, DashboardBody: string) =>
  client.send(new PutDashboardCommand({ DashboardName, DashboardBody }));

it('keeps a dashboard as it was put, replaces it and lets it go', async () => {
  await put('fleet', body('one'));
  await put('fleet', body('two'));
  expect(await client.send(new GetDashboardCommand({ DashboardName: 'fleet' }))).toMatchObject({
    DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/fleet',
    DashboardBody: body('two'),
  });
  const missing = client.send(new DeleteDashboardsCommand({ DashboardNames: ['fleet', 'none'] }));
  // The SDK goes by the code of the query protocol, which AWS sends along.
  await expect(missing).rejects.toMatchObject({ name: 'ResourceNotFound' });
  await client.send(new DeleteDashboardsCommand({ DashboardNames: ['fleet'] }));
  const gone = client.send(new GetDashboardCommand({ DashboardName: 'fleet' }));
  await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFound' });
});

it.each([
  ['text that is not JSON', 'x', '{', 'not JSON'],
  ['no widgets', 'x', '{}', 'no list of widgets'],
  ['an unknown widget', 'x', '{"widgets":[{"type":"pie","properties":{}}]}', '/widgets/0/type is pie'],
  ['a widget without properties', 'x', '{"widgets":[{"type":"text"}]}', '/widgets/0 has no properties'],
  ['a name with a space', 'x y', '{"widgets":[]}', 'The dashboard name x y'],
])('refuses %s', async (_, name, text, words) => {
  await expect(put(name, text)).rejects.toMatchObject({
    name: 'DashboardInvalidInputError',
    message: expect.stringContaining(words) as string,
  });
});
