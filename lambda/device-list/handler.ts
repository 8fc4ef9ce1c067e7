import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientConfig } from '../../aws/clients.ts';
import { parseDeviceList } from '../../lib/fleet/device-list.ts';
import type { FleetDevice } from '../../lib/fleet/fleet-device.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { answering } from '../custom-resource/handle.ts';
import { persistently } from '../custom-resource/retry.ts';
import { ensureWanted, isTakenOver, isUnderWay } from '../custom-resource/wanted.ts';
import { carryOut } from './carry-out.ts';
import { changesOf } from './changes.ts';
import type { ListedSite } from './site.ts';

/** What the custom resource says. */
interface Properties {
  readonly site: string;
  /** Where the list is, an asset of the CDK. */
  readonly bucket: string;
  readonly key: string;
}

/**
 * The custom resource `Custom::DeviceList`: the devices of a site that are the lines of a list. It makes the table of the fleet say
 * what the list says. Boards then enrol by it; what they have got by that is revoked and deleted with their lines. Lambda may run an
 * event more than once.
 */
export const handler = answering(async (event, deadline) => {
  const { site, bucket, key } = event.ResourceProperties as unknown as Properties;
  const listed = { site, names: new FleetNames({ name: process.env.FLEET_NAME }), deadline };
  const list = () => readList(bucket, key);
  await persistently({ deadline }, async () => {
    if (event.RequestType === 'Create') {
      await ensureWanted(event);
      await settle(await list(), listed);
      // CloudFormation may have given it up meanwhile, and its deletion have come to its end.
      await ensureWanted(event).catch(async (error: unknown) => {
        if (!(await isTakenOver(event, event.LogicalResourceId))) await settle([], listed);
        throw error;
      });
    } else if (await isUnderWay(event)) {
      const isEnd = event.RequestType === 'Delete';
      await settle(isEnd ? [] : await list(), listed, isEnd);
    }
  });
});

async function settle(list: readonly FleetDevice[], listed: ListedSite, isEnd = false): Promise<void> {
  const changes = await changesOf(listed.site, list, listed.names.deviceTable);
  await carryOut(changes, listed, isEnd);
  const counts = Object.entries(changes).map(
    ([what, lines]: [string, readonly unknown[]]) => [what, lines.length] as const,
  );
  console.log(JSON.stringify({ site: listed.site, devices: list.length, ...Object.fromEntries(counts) }));
}

async function readList(Bucket: string, Key: string): Promise<readonly FleetDevice[]> {
  const { Body } = await new S3Client(clientConfig).send(new GetObjectCommand({ Bucket, Key }));
  return parseDeviceList((await Body?.transformToString()) ?? '', Key);
}
