import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SQL_READINGS } from './iot/sql/reading.ts';

/** What the local cloud assumes where AWS's documents say nothing, or two things. */
export interface Reading {
  /** What is open. */
  readonly question: string;
  /** What can be assumed, the likeliest first: that is the default. */
  readonly values: readonly [string, string, ...string[]];
  /** What the documents do say, and why the first value is the likeliest. */
  readonly source: string;
}

/** Every reading by its name, as `--reading NAME=VALUE` takes it. */
export const READINGS = {
  ...SQL_READINGS,
  'existing-thing': {
    question: 'what CloudFormation does with an AWS::IoT::Thing whose thing is there already with the same attributes',
    values: ['refused', 'adopted'],
    source:
      'Not documented. CreateThing succeeds for it (IoT API Reference, CreateThing), but a create handler has to fail with AlreadyExists for what was there before (CloudFormation CLI User Guide, resource type handler contract), and the one that AWS publishes does (aws-cloudformation/aws-cloudformation-resource-providers-iot, of August 2025).',
  },
  'thing-update': {
    question:
      'what becomes of the attributes of an AWS::IoT::Thing of which its template says nothing, when CloudFormation updates it',
    values: ['dropped', 'merged'],
    source:
      'Not documented. The handler that AWS publishes (aws-cloudformation/aws-cloudformation-resource-providers-iot, of August 2025) calls UpdateThing without `merge`, which overwrites them all (IoT API Reference, AttributePayload).',
  },
  'v1-lists': {
    question: 'whether ListThingPrincipals and ListPrincipalThings, without V2, show an exclusive attachment',
    values: ['shown', 'hidden'],
    source:
      'IoT API Reference: the V2 calls list both kinds unless asked for one; of the calls before them nothing is said. They are older than the kinds, and what they list would else become less.',
  },
  'detaching-thing': {
    question:
      'whether the lists show an attachment of which DetachThingPrincipal has not taken effect yet (`--pace aws` alone)',
    values: ['listed', 'unlisted'],
    source:
      'IoT API Reference, DetachThingPrincipal: it might take several seconds for the detachment to propagate. Of policies users know that the list is empty before the deletion is allowed.',
  },
  'ownership-token': {
    question:
      'who may use a certificate ownership token: whoever has it, as often as they like in its hour; the connection alone that it was given over; or whoever has it until it has provisioned a device once',
    values: ['whoever', 'same-connection', 'once'],
    source:
      'IoT Developer Guide, fleet-provision-api: it proves "ownership of the certificate during provisioning" and expires after one hour. Of connections and of a second use nothing is said.',
  },
  'action-type': {
    question:
      'how the dimension ActionType of the metrics of rules spells the action dynamoDBv2, and the others likewise',
    values: ['DynamoDBv2', 'dynamoDBv2', 'DynamoDBv2Action'],
    source:
      'IoT Developer Guide, metrics_dimensions: the type of action that was invoked; no spelling. Error messages of rules say DynamoDBv2Action, their definitions dynamoDBv2.',
  },
} as const satisfies Readonly<Record<string, Reading>>;

/** One value for every reading. */
export type Readings = { readonly [Name in keyof typeof READINGS]: (typeof READINGS)[Name]['values'][number] };

/** The likeliest value of every reading. */
export const DEFAULT_READINGS = Object.fromEntries(
  Object.entries(READINGS).map(([name, { values }]) => [name, values[0]]),
) as unknown as Readings;

/** What AWS has answered, once somebody has asked it: see docs/proofs.md, `npm run prove -- aws --json FILE`. */
const ANSWERS_FILE = fileURLToPath(new URL('../aws-answers.json', import.meta.url));

/**
 * The `readings` of a file of answers; none when there is no such file.
 *
 * @throws {Error} that says what is wrong in the file, and what is allowed
 */
export function answeredReadings(file = ANSWERS_FILE): Partial<Readings> {
  if (!existsSync(file)) return {};
  try {
    const { readings } = JSON.parse(readFileSync(file, 'utf8')) as { readonly readings?: unknown };
    if (typeof readings !== 'object' || readings === null || Array.isArray(readings))
      throw new Error('It has no object "readings".');
    const chosen = Object.entries(readings).map(([name, value]) => parseReading(`${name}=${String(value)}`));
    return Object.assign({}, ...chosen) as Partial<Readings>;
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Reads `NAME=VALUE`. Throws an Error that says what is allowed. */
export function parseReading(text: string): Partial<Readings> {
  const [name = '', value] = text.split('=', 2);
  const reading: Reading | undefined = Object.hasOwn(READINGS, name)
    ? READINGS[name as keyof typeof READINGS]
    : undefined;
  if (!reading) throw new Error(`There is no reading ${JSON.stringify(name)}: ${Object.keys(READINGS).join(', ')}.`);
  if (value === undefined || !reading.values.includes(value))
    throw new Error(`Allowed: ${reading.values.map((allowed) => `${name}=${allowed}`).join(', ')}.`);
  return { [name]: value };
}
