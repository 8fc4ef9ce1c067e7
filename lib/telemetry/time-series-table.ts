import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { FleetSettings } from '../fleet/schema.ts';

export interface TimeSeriesTableProps {
  readonly removal: FleetSettings['removal'];
}

/**
 * What the devices sent: a row a message, the rows of a device in the order in which they arrived. Encrypted with the
 * key that DynamoDB owns, which costs nothing and needs no grant.
 */
export class TimeSeriesTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, { removal }: TimeSeriesTableProps) {
    super(scope, id);
    this.table = new Table(this, 'Resource', {
      partitionKey: { name: 'device', type: AttributeType.STRING },
      // Milliseconds since 1970, "#" and a UUID: messages of the same millisecond stay apart.
      sortKey: { name: 'arrival', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removal === 'retain',
      removalPolicy: removal === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
