import { MEASURED_COLUMN } from '../../lib/fleet/columns.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import type { Deployment } from './deployment.ts';
import { type Price, type PriceName, PRICES } from './prices.ts';

/** What every device is assumed to send. */
export interface Traffic {
  /** Milliseconds between two messages of a device. */
  readonly interval: number;
  /** Of the payload of a message. */
  readonly bytes: number;
}

/** Something that AWS charges for, in a month. */
export interface Charge {
  readonly what: string;
  readonly price: PriceName;
  readonly quantity: number;
  /** US dollars. */
  readonly dollars: number;
  /** As many of them as the always-free tier takes away, when nothing else in the account uses it. */
  readonly free: number;
}

export interface Estimate {
  readonly charges: readonly Charge[];
  /** US dollars a month that the always-free tier takes away. */
  readonly free: number;
  /** US dollars a month that are left to pay. */
  readonly total: number;
}

/** Rows that nothing expires are priced as of the end of the first year. */
export const MONTHS_KEPT = 12;
/** One message in so many is assumed to become a dead letter. */
export const MESSAGES_A_DEAD_LETTER = 10_000;

const HOURS_A_MONTH = 730;
const MINUTES_A_MONTH = HOURS_A_MONTH * 60;
const DAYS_A_MONTH = HOURS_A_MONTH / 24;
/** A message, a rule and an action are charged by every 5 KB begun (additional details of the pricing page). */
const METERED_BYTES = 5 * 1024;
const KIBIBYTE = 1024;
const GIGABYTE = 1e9;
/** DynamoDB adds 100 bytes to every item that it stores (Developer Guide, "DynamoDB item sizes and formats"). */
const ITEM_OVERHEAD = 100;
/** Send, receive, delete. */
const REQUESTS_A_DEAD_LETTER = 3;

/** Of a fleet without a name; with one, they are a few bytes longer. */
const NAMES = new FleetNames();
const TOPIC = `${NAMES.telemetryTopic('kitchen-sensor')}/telemetry`;
/** What the rules add to a row, as long as it typically is. A number of 13 digits takes 8 bytes. */
const STAMPS = {
  full_topic: TOPIC.length,
  received: 8,
  measured: 8,
  device: 'kitchen-sensor'.length,
  arrival: '1790000000000#01234567-89ab-cdef-0123-456789abcdef'.length,
};

/** What a deployment costs a month in us-east-1, to an account that has nothing else in it. */
export function estimate(deployment: Deployment, traffic: Traffic): Estimate {
  const { devices, basicIngest, retentionDays, pointInTimeRecovery } = deployment;
  const route = basicIngest ? deployment.byBasicIngest : deployment.byBroker;
  const messages = (devices * MINUTES_A_MONTH * 60_000) / traffic.interval;
  const topic = basicIngest ? `${NAMES.basicIngestTopic('kitchen-sensor')}/telemetry` : TOPIC;
  const metered = messages * Math.ceil((traffic.bytes + topic.length) / METERED_BYTES);
  const item = itemBytes(traffic.bytes, basicIngest || deployment.keepsWhole);
  const months = retentionDays === undefined ? MONTHS_KEPT : retentionDays / DAYS_A_MONTH;
  const stored = (messages * months * (item + ITEM_OVERHEAD)) / GIGABYTE;

  const charges = [
    charge('IoT Core: connections', 'connectivity', devices * MINUTES_A_MONTH),
    charge('IoT Core: messages', 'messages', basicIngest ? 0 : metered),
    charge('IoT Core: rules', 'rules', metered * route.rules),
    charge('IoT Core: actions', 'actions', metered * route.actions),
    charge('DynamoDB: writes', 'writes', messages * Math.ceil(item / KIBIBYTE)),
    charge('DynamoDB: storage', 'storage', stored),
    charge('DynamoDB: point-in-time recovery', 'recovery', pointInTimeRecovery ? stored : 0),
    charge('SQS: dead letters', 'queue', (messages / MESSAGES_A_DEAD_LETTER) * REQUESTS_A_DEAD_LETTER),
    charge('CloudWatch: alarms', 'alarms', deployment.alarms),
    charge('CloudWatch: metrics', 'metrics', deployment.metrics),
    // A rule puts one value a request, and none of what comes by basic ingest.
    charge(
      'CloudWatch: counts of silentAfter',
      'metricRequests',
      deployment.metrics > 0 && !basicIngest ? messages : 0,
    ),
    charge('CloudWatch: dashboards', 'dashboards', deployment.dashboards),
  ];
  const free = charges.reduce((sum, charged) => sum + charged.free, 0);
  return { charges, free, total: charges.reduce((sum, { dollars }) => sum + dollars, 0) - free };
}

/** What basic ingest saves a month, or would save: the same traffic either way. */
export function savedByBasicIngest(deployment: Deployment, traffic: Traffic): number {
  const [broker, basic] = [false, true].map((basicIngest) => estimate({ ...deployment, basicIngest }, traffic).total);
  return (broker ?? 0) - (basic ?? 0);
}

function charge(what: string, price: PriceName, quantity: number): Charge {
  const { dollars, per, free = 0 }: Price = PRICES[price];
  const cost = (units: number) => (units / per) * dollars;
  return { what, price, quantity, dollars: cost(quantity), free: cost(Math.min(quantity, free)) };
}

/** Names and values of a row. @param keepsWhole the payload, in base64 */
function itemBytes(payload: number, keepsWhole: boolean): number {
  // What is kept whole has the age inside, and no time of measurement beside it.
  const columns = Object.entries(STAMPS).filter(([name]) => !keepsWhole || name !== MEASURED_COLUMN);
  const stamps = columns.reduce((sum, [name, bytes]) => sum + name.length + bytes, 0);
  return stamps + (keepsWhole ? 'raw'.length + Math.ceil(payload / 3) * 4 : payload);
}
