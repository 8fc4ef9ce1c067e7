import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { ARRIVAL_COLUMN, DEVICE_COLUMN, EXPIRES_COLUMN } from '../fleet/columns.ts';
import type { FleetSettings } from '../fleet/schema.ts';

export interface TimeSeriesTableProps {
  readonly removal: FleetSettings['removal'];
  /** How long a row stays, in seconds. @default for ever */
  readonly retention?: FleetSettings['retention'];
}

/**
 * What the devices sent: a row a message, the rows of a device in the order in which they arrived. Encrypted with the
 * key that DynamoDB owns, which costs nothing and needs no grant.
 */
export class TimeSeriesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { removal, retention }: TimeSeriesTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Resource', {
      partitionKey: { name: DEVICE_COLUMN, type: AttributeType.STRING },
      sortKey: { name: ARRIVAL_COLUMN, type: AttributeType.STRING },
      ...(retention !== undefined && { timeToLiveAttribute: EXPIRES_COLUMN }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removal === 'retain',
      removalPolicy: removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
