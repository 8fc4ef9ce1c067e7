import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { DEVICE_KEY, type FleetNames } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';

export interface DeviceTableProps {
  readonly names: FleetNames;
  readonly removal: FleetSettings['removal'];
}

/**
 * The devices of the fleet that are lines of a list: an item each, see aws/device-table.ts. It costs nothing while nobody
 * deploys or enrols. It has a name, by which sites and the command line find it.
 */
export class DeviceTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { names, removal }: DeviceTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Resource', {
      tableName: names.deviceTable,
      partitionKey: { name: DEVICE_KEY, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removal === 'retain',
      // One that stayed would be in the way of the next one, which has the same name.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(this.table).acknowledge({
      id: 'esp-fleet::table-loss',
      reason: 'It goes with its stack, which goes after those of all sites: then it has no item any more.',
    });
  }
}
