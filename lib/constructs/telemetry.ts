import type { Duration } from 'aws-cdk-lib';
import { RemovalPolicy } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FleetNames } from '../fleet/names.ts';
import type { FleetSettings } from '../fleet/schema.ts';
import { fleetSettings } from '../fleet/settings.ts';
import { telemetryIn } from '../telemetry/telemetry.ts';

export interface TelemetryProps {
  /**
   * Of the fleet, where an account and region has several: a letter, then letters and digits, up to 20.
   *
   * @default the fleet that has no name, of which there is one an account and region
   */
  readonly name?: string;
  /**
   * The first level of all topics.
   *
   * @default rtjm
   */
  readonly prefix?: string;
  /**
   * What becomes of the table with its rows when it is taken out of its stack. RETAIN protects it from deletion as well.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * How long a row stays: whole days, at most 3650.
   *
   * @default for ever
   */
  readonly retention?: Duration;
  /**
   * What a row says of its message beside the keys: when and by which topic it arrived, and when it was measured.
   *
   * @default all of them
   */
  readonly stamps?: readonly ('received' | 'full_topic' | 'measured')[];
  /**
   * Where devices publish: by the message broker, or straight to the rule (basic ingest), which costs less and which no
   * subscriber sees.
   *
   * @default broker
   */
  readonly ingest?: 'broker' | 'basic';
  /**
   * Whether the fields of a JSON object are columns, or every payload is kept whole in the column `raw`.
   *
   * @default columns
   */
  readonly payload?: 'columns' | 'raw';
  /**
   * The id or ARN of a key in AWS KMS, by which the private keys of devices are encrypted in the SSM Parameter Store.
   *
   * @default the key that AWS keeps for the account
   */
  readonly kmsKey?: string;
}

/**
 * What all devices of a fleet share: the topic rules that stamp their messages, the DynamoDB table that keeps these as a
 * time-series, the queue of dead letters, and alarms on what would cost messages.
 *
 * @throws {Error} for a property that is not allowed, with what is
 */
export class Telemetry extends Construct {
  /** A row a message. Partition key `device`, sort key `arrival`. */
  readonly table: ITable;
  /** What the table did not take, for 14 days. */
  readonly deadLetters: IQueue;
  /** @internal */
  readonly _fleet: { readonly names: FleetNames; readonly settings: FleetSettings };

  constructor(scope: Construct, id: string, props: TelemetryProps = {}) {
    super(scope, id);
    const { removalPolicy = RemovalPolicy.RETAIN, retention, ...others } = props;
    const settings = fleetSettings(
      {
        ...others,
        removal: removalPolicy === RemovalPolicy.DESTROY ? 'destroy' : 'retain',
        ...(retention && { retention: `${retention.toDays()}d` }),
      },
      this.node.path,
    );
    const names = new FleetNames(settings);
    const { table, deadLetters } = telemetryIn(this, { names, settings });
    this.table = table;
    this.deadLetters = deadLetters;
    this._fleet = { names, settings };
  }
}
