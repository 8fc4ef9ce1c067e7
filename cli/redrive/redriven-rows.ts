import {
  ARRIVAL_COLUMN,
  DEVICE_COLUMN,
  EXPIRES_COLUMN,
  FULL_TOPIC_COLUMN,
  MEASURED_COLUMN,
  OWN_COLUMNS,
  RAW_COLUMN,
  RECEIVED_COLUMN,
  type Stamp,
  TEXT_INDEX,
} from '../../lib/fleet/columns.ts';
import type { FleetNames } from '../../lib/fleet/names.ts';
import type { RowSettings } from '../aws/deployment.ts';
import type { Row } from '../rows/time-series.ts';
import { attributesOfJson } from '../rows/json-attributes.ts';
import { measuredOf } from '../rows/row-time.ts';
import type { DeadLetter } from './dead-letter.ts';
import { isStorable } from './storable.ts';

/** The rows that a dead letter may become. */
export interface RedrivenRows {
  /** A column for each field. Undefined where the rule would have kept the payload whole, or the table refuses columns. */
  readonly columns: Row | undefined;
  /** The payload whole, in base64: for where there are no columns, and for where DynamoDB refuses them. */
  readonly raw: Row;
}

/** Why a dead letter can become no row. */
export class UnplaceableError extends Error {}

/** What the rows of a fleet are made by. */
export interface RedriveSettings extends RowSettings {
  readonly names: FleetNames;
}

const OPENING_BRACE = 0x7b;

/** What stands in text for bytes that are none. */
const REPLACEMENT_CHARACTER = '\u{fffd}';

/** Of the topics of basic ingest; the function topic() does not see it either. */
const BASIC_INGEST = /^\$aws\/rules\/[^/]+\//;

/**
 * The row that the rule would have written, had the table taken it when the message arrived. Its key depends on the dead
 * letter alone, so that a second run overwrites the row instead of adding one.
 *
 * @throws {UnplaceableError}
 */
export function redrivenRows(
  { id, rule, topic, payload, arrived }: DeadLetter,
  settings: RedriveSettings,
): RedrivenRows {
  const { telemetryRule, rawTelemetryRule } = settings.names;
  if (![telemetryRule, rawTelemetryRule].includes(rule))
    throw new UnplaceableError(`it is of the rule ${rule}, which writes no rows`);
  const fullTopic = topic.replace(BASIC_INGEST, '');
  const [, device] = fullTopic.split('/');
  if (!device) throw new UnplaceableError('its topic names no device');

  const has = (stamp: Stamp) => settings.stamps.includes(stamp);
  const own: Row = {
    [DEVICE_COLUMN]: { S: device },
    [ARRIVAL_COLUMN]: { S: `${arrived}#${id}` },
    ...(has(RECEIVED_COLUMN) && { [RECEIVED_COLUMN]: { N: String(arrived) } }),
    ...(has(FULL_TOPIC_COLUMN) && { [FULL_TOPIC_COLUMN]: { S: fullTopic } }),
    ...(settings.retention !== undefined && {
      [EXPIRES_COLUMN]: { N: String(Math.floor(arrived / 1_000) + settings.retention) },
    }),
  };
  const keepsWhole = settings.ingest === 'basic' || settings.payload === 'raw';
  const fields = keepsWhole ? undefined : columnsOf(payload);
  const measured = has(MEASURED_COLUMN) && fields ? measuredOf(arrived, fields) : undefined;
  return {
    columns:
      fields === undefined || !isStorable(fields)
        ? undefined
        : { ...fields, ...own, ...(measured !== undefined && { [MEASURED_COLUMN]: { N: String(measured) } }) },
    raw: { ...own, [RAW_COLUMN]: { S: payload.toString('base64') } },
  };
}

/** The fields of a payload, where the rules make columns of them: see lib/telemetry/telemetry-sql.ts. */
function columnsOf(payload: Buffer): Row | undefined {
  if (payload[0] !== OPENING_BRACE || payload.includes(REPLACEMENT_CHARACTER)) return undefined;
  const fields = attributesOfJson(payload);
  const isTaken = (name: string) => fields !== undefined && Object.hasOwn(fields, name);
  return [TEXT_INDEX, ...OWN_COLUMNS].some(isTaken) ? undefined : fields;
}
