import {
  defaultReading,
  evaluate,
  type Json,
  jsonText,
  type Message,
  parseStatement,
  type Reading,
  SqlRuntimeError,
} from '@esp-fleet/local-cloud/iot-sql';
import { ABSENT, type ProbeRule, SILENCE } from './expressions.ts';

const B64 = "encode(*, 'base64')";
const DECODED = `decode(${B64}, 'base64')`;
const AS_TEXT = `decode(concat('eHh4', ${B64}), 'base64')`;

/** The parts of the statements of the product (lib/telemetry/telemetry-sql.ts), and a name of the payload in a WHERE. */
export const PARTS: readonly ProbeRule[] = [
  { id: 'where_name', select: "'selected' AS v", where: 'isUndefined(device)' },
  { id: 'encoded', select: `${B64} AS v` },
  { id: 'decoded', select: `${DECODED} AS v` },
  { id: 'decoded_sum', select: `isUndefined(${DECODED} + 1) AS v` },
  { id: 'decoded_name', select: `isUndefined(get(${DECODED}, 'device')) AS v` },
  { id: 'text_character', select: `isUndefined(get(${AS_TEXT}, 1)) AS v` },
  { id: 'text_replaced', select: `indexof(${AS_TEXT}, decode('77+9', 'base64')) AS v` },
];

/** Every kind of payload, by what it is. */
export const CLASSES: Readonly<Record<string, string | Uint8Array>> = {
  'an object': '{"a":1}',
  'an object with a name of ours': '{"device":"x"}',
  'an array': '[1]',
  'a number': '5',
  'a string': '"x"',
  true: 'true',
  null: 'null',
  words: 'hello',
  nothing: '',
  'half an object': '{"a":1',
  'an object and more': '{"t":1}x',
  'an object with NaN': '{"a":NaN}',
  'an object behind a byte order mark': '\ufeff{"a":1}',
  bytes: new Uint8Array([0xff, 0x00, 0x80]),
  'an object that is no UTF-8': Buffer.from('7b2261223a22ff227d', 'hex'),
};

export const sqlOf = ({ select, where }: ProbeRule, from: string): string =>
  `SELECT ${select} FROM '${from}'${where === undefined ? '' : ` WHERE ${where}`}`;

/** What the local cloud's engine, which is written from the Developer Guide, makes of it under what has been answered so far. */
export function expected(rule: ProbeRule, payload: string | Uint8Array, answers: Partial<Reading>): string {
  const message: Message = {
    topic: 'probe',
    payload: Buffer.from(payload),
    clientId: undefined,
    principal: undefined,
    accountId: '',
    timestamp: 0,
    traceId: '',
  };
  try {
    const selected = evaluate(parseStatement(sqlOf(rule, 'probe')), message, { ...defaultReading, ...answers });
    if (!selected.matched) return SILENCE;
    const { v } = selected.output as { readonly v?: Json };
    return v === undefined ? ABSENT : jsonText(v);
  } catch (error) {
    if (error instanceof SqlRuntimeError) return SILENCE;
    throw error;
  }
}
