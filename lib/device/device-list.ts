import { CustomResource } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { DeviceList as Lines, Site } from '../fleet/read.ts';
import type { FleetSettings } from '../fleet/schema.ts';
import { DeviceListFunction } from './device-list-function.ts';
import { DevicePolicy } from './device-policy.ts';

export interface DeviceListProps {
  readonly site: Pick<Site, 'name' | 'names'>;
  readonly list: Pick<Lines, 'file'>;
  readonly settings: Pick<FleetSettings, 'name' | 'ingest'>;
}

/**
 * The devices of a site that are the lines of a list: one policy for all of them, and the list itself, which a function puts into
 * the table of the fleet. So the template is the same for ten devices and for ten thousand.
 */
export class DeviceList extends Construct {
  /** Keeps the table. */
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { site, list, settings }: DeviceListProps) {
    super(scope, id);
    const { names } = site;
    const { client, device } = names.connectedDevice;
    const policy = new DevicePolicy(this, 'Policy', {
      names,
      device,
      holder: { thingName: client, policyName: names.listPolicy(site.name) },
      ingest: settings.ingest,
      enrols: true,
    });
    const asset = new Asset(this, 'File', { path: list.file });
    const lines = new DeviceListFunction(this, 'Function', { site, asset, fleetName: settings.name });
    this.function = lines.function;
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::DeviceList',
      serviceToken: lines.function.functionArn,
      serviceTimeout: lines.serviceTimeout,
      properties: { site: site.name, bucket: asset.s3BucketName, key: asset.s3ObjectKey },
    });
    // Deleted the other way round: AWS IoT deletes no policy that a certificate is attached to.
    resource.node.addDependency(policy);
  }
}
