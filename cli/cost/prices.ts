/**
 * What AWS charges in us-east-1 (N. Virginia), in US dollars, below the first volume discount.
 *
 * AWS's pages fill their tables in the browser, so that no stored copy has them. Where that is so, `read` says where the
 * figure was read instead. All were looked up in November 2026; none was checked against a bill.
 */
export interface Price {
  readonly dollars: number;
  /** How many units that is the price of. */
  readonly per: number;
  readonly unit: string;
  /** The page of AWS that sets it. */
  readonly source: string;
  /** Where the figure stood. */
  readonly read: string;
  /** So many units a month are free for every account, and for ever ("Always Free"). @default none */
  readonly free?: number;
  /** Where that stood. */
  readonly freeRead?: string;
}

export const REGION = 'us-east-1';
export const PRICES_AS_OF = 'November 2026';

const MILLION = 1_000_000;
const IOT = 'https://aws.amazon.com/iot-core/pricing/';
const DYNAMODB = 'https://aws.amazon.com/dynamodb/pricing/on-demand/';
const CLOUDWATCH = 'https://aws.amazon.com/cloudwatch/pricing/';
const FREE_OF_CLOUDWATCH =
  'https://github.com/api-evangelist/cloudwatch, plans/cloudwatch-plans-pricing.yml (2026-05-05), after that page';
const FREE_OF_OTHERS = 'https://costpulse.cloud/insights/aws-free-tier-costs, after https://aws.amazon.com/free/';

export const PRICES = {
  connectivity: {
    dollars: 0.08,
    per: MILLION,
    unit: 'minutes',
    source: IOT,
    read: 'that page as of 2026-09-20, its example for Ireland, which third parties give for us-east-1 as well',
  },
  messages: {
    dollars: 1,
    per: MILLION,
    unit: 'messages of up to 5 KB',
    source: IOT,
    read: 'that page as of 2026-09-20, its example for Ireland, which third parties give for us-east-1 as well',
  },
  rules: {
    dollars: 0.15,
    per: MILLION,
    unit: 'rules triggered',
    source: IOT,
    read: 'third parties alone, all of which agree',
  },
  actions: {
    dollars: 0.15,
    per: MILLION,
    unit: 'actions',
    source: IOT,
    read: 'third parties alone, all of which agree',
  },
  writes: {
    dollars: 0.625,
    per: MILLION,
    unit: 'write request units of 1 KB',
    source: DYNAMODB,
    read: 'a published bill of us-east-1: 7,879,833 units for 4.9249',
  },
  storage: {
    dollars: 0.25,
    per: 1,
    unit: 'GB-months',
    source: DYNAMODB,
    read: 'https://aws.amazon.com/dynamodb/pricing/',
    free: 25,
    freeRead: FREE_OF_OTHERS,
  },
  recovery: {
    dollars: 0.2,
    per: 1,
    unit: 'GB-months',
    source: DYNAMODB,
    read: "a copy of AWS's price list, USE1-TimedPITRStorage-ByteHrs",
  },
  queue: {
    dollars: 0.4,
    per: MILLION,
    unit: 'requests of up to 64 KB',
    source: 'https://aws.amazon.com/sqs/pricing/',
    read: 'https://cloudburn.io/blog/amazon-sqs-pricing (March 2026)',
    free: MILLION,
    freeRead: FREE_OF_OTHERS,
  },
  alarms: {
    dollars: 0.1,
    per: 1,
    unit: 'alarm metrics',
    source: CLOUDWATCH,
    read: 'third parties alone, all of which agree',
    free: 10,
    freeRead: FREE_OF_CLOUDWATCH,
  },
  metrics: {
    dollars: 0.3,
    per: 1,
    unit: 'metrics',
    source: CLOUDWATCH,
    read: 'third parties alone, all of which agree',
    free: 10,
    freeRead: FREE_OF_CLOUDWATCH,
  },
  metricRequests: {
    dollars: 0.01,
    per: 1_000,
    unit: 'requests to CloudWatch',
    source: CLOUDWATCH,
    read: 'third parties alone, all of which agree',
    free: MILLION,
    freeRead: FREE_OF_CLOUDWATCH,
  },
  dashboards: {
    dollars: 3,
    per: 1,
    unit: 'dashboards',
    source: CLOUDWATCH,
    read: 'third parties alone, all of which agree',
    free: 3,
    freeRead: FREE_OF_CLOUDWATCH,
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof PRICES;
