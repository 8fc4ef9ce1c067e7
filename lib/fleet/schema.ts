import { z } from 'zod';
import { STAMPS } from './columns.ts';
import { duration } from './duration.ts';
import { DEFAULT_PREFIX, FLEET_NAME_PATTERN, NAME_PATTERN, NAME_RULE, PREFIX_PATTERN } from './names.ts';

/** An object whose unknown keys are refused by name, together with the keys it does know. */
function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${JSON.stringify(issue.keys[0])} is not known; allowed: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** A generation as a key of YAML and JSON. */
const GENERATION_KEY = /^[1-9]\d{0,8}$/;

/** A value for all generations of a device, or one for each: `{ 1: ec, 2: rsa }`. */
function byGeneration<Value extends z.ZodType>(value: Value) {
  return z.union([value, z.record(z.string().regex(GENERATION_KEY), value)]);
}

/** A text of which people are told what is allowed. */
function text(pattern: RegExp, rule: string) {
  return z.unknown().transform((written, context): string => {
    if (typeof written === 'string' && pattern.test(written)) return written;
    context.addIssue(`${JSON.stringify(written)} is not valid; allowed: ${rule}`);
    return z.NEVER;
  });
}

const keyType = z.enum(['ec', 'rsa']);

/** The chips a device may have. */
export const BOARDS = ['esp8266', 'esp32', 'esp32-c3', 'esp32-s3', 'esp32-c6'] as const;

/** The id of a certificate, as AWS IoT gives it: the SHA-256 of the certificate. */
const CERTIFICATE_ID = /^[0-9a-f]{64}$/;

/** The names of AWS IoT policies (API Reference, AttachPolicy). */
const POLICY_NAME = /^[\w+=,.@-]{1,128}$/;

const identities = {
  revoked: z
    .boolean()
    .optional()
    .describe(
      'true: the certificates are REVOKED. That is final; for a new one, remove the line and run "fleet rotate".',
    ),
  generations: z
    .array(z.int().min(1).max(999_999_999))
    .min(1)
    .max(2)
    .refine(
      ([one = 0, other = Infinity]) => one < other,
      'must be one or two whole numbers from 1 that rise, such as [1, 2]',
    )
    .optional()
    .describe(
      'The identities of the device, each with a key of its own; without it, [1]. There is a second one, such as [1, 2], ' +
        'while the board changes to it: "fleet rotate" adds it, "fleet rotate --finish" removes the older one.',
    ),
  keyType: byGeneration(keyType)
    .optional()
    .describe(
      'The kind of the key that the deployment makes: ec is P-256 (the default), rsa has 2048 bits. A generation never ' +
        'changes: for another kind, add a generation and write the kind of each, such as { 1: ec, 2: rsa }.',
    ),
  csr: byGeneration(z.string().min(1))
    .optional()
    .describe(
      'The certificate signing request of a device that keeps its own key: a file in PEM, its path from the folder ' +
        'that has cdk.json. Each of two generations has its own, such as { 1: devices/a.csr, 2: devices/a-2.csr }.',
    ),
  certificate: byGeneration(z.string().regex(CERTIFICATE_ID, 'is no id of a certificate; allowed: 64 of 0-9 and a-f'))
    .optional()
    .describe(
      "The id of a certificate that the board has already. It is attached to the thing that has the device's name. Both are " +
        'taken over as they are, and given back when the device is removed from the fleet file. "fleet import" writes it.',
    ),
  policies: z
    .array(
      z.string().regex(POLICY_NAME, 'has an invalid name of a policy; allowed: 1 to 128 of a-z, A-Z, 0-9 and _+=,.@-'),
    )
    .min(1)
    .optional()
    .describe(
      'The policies that such a certificate keeps, for the time being, beside the policy of the device. The deployment ' +
        'detaches all others.',
    ),
};

/** What there is to say of the identities of a device, in the fleet file or without one. */
export const identitiesSchema = strictObject(identities);

const device = strictObject({
  board: z.enum(BOARDS).describe('The chip, which decides how the firmware is built.'),
  key: z
    .enum(['board'])
    .optional()
    .describe(
      'board: the board makes its key itself, and gets its certificate by enrolment ("fleet enrol"). No cloud and no ' +
        'computer ever has the key. Without it, the deployment makes key and certificate.',
    ),
  ...identities,
});

const ONE_OF_BOTH = 'has either "devices" or "list"; allowed: one of them';

/** A fleet file: the devices of one site. `fleet.schema.json` is generated from this by `npm run schema`. */
export const fleetFileSchema = strictObject({
  devices: z
    .record(z.string().regex(NAME_PATTERN), device)
    .optional()
    .describe('One entry a device. A name appears once in the whole fleet.'),
  list: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Instead of devices, for very many: a CSV file with a line for each, its path from the folder of this file. Every ' +
        'board makes its key itself, as with key: board. Its columns: name, board, generation, revoked.',
    ),
})
  .refine(({ devices, list }) => (devices === undefined) !== (list === undefined), { message: ONE_OF_BOTH })
  .describe('The devices of one site. The name of the file is the name of the site.')
  // What JSON Schema has for a refinement.
  .meta({ oneOf: [{ required: ['devices'] }, { required: ['list'] }] });

/** A line of a list of devices, each value as it is written; see device-list.ts. */
export const listedDeviceSchema = strictObject({
  name: text(NAME_PATTERN, NAME_RULE),
  board: z.enum(BOARDS),
  generation: text(/^([1-9]\d{0,8})?$/, 'a whole number from 1, or nothing')
    .default('')
    .transform((number) => Number(number || 1)),
  // Spreadsheets write it in capital letters.
  revoked: text(/^(true)?$/i, 'true, or nothing')
    .default('')
    .transform((value) => value !== ''),
});

/** No alias: a policy of IAM knows a key by its id. */
const KMS_KEY =
  /^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/)?(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** With the numbers that GitHub gives both, or without. */
const repository = text(
  /^[A-Za-z0-9-]{1,39}(?:@\d+\/[\w.-]{1,100}@\d+|\/[\w.-]{1,100})$/,
  'such as owner/name, or with the numbers that GitHub gives both: owner@123/name@456',
);

/** Settings of the whole fleet, from the context key `fleet` of cdk.json or of `cdk -c`. Durations come out in seconds. */
export const fleetSettingsSchema = strictObject({
  name: text(FLEET_NAME_PATTERN, '1 to 20 of a-z and 0-9, a letter first; not site, alarms or telemetry')
    .optional()
    .describe(
      'The name of a fleet beside others in one account and region. All names that the fleet has there contain it.',
    ),
  prefix: text(PREFIX_PATTERN, '1 to 32 of a-z, 0-9 and "-"; not cmd')
    .default(DEFAULT_PREFIX)
    .describe('The first level of the topics. If the fleet has a name, "_" and the name follow it.'),
  id: text(NAME_PATTERN, NAME_RULE)
    .optional()
    .describe(
      'The id that the stacks of this fleet have; without it, the one in the file "id" beside the fleet files.',
    ),
  removal: z
    .enum(['retain', 'destroy'])
    .default('retain')
    .describe('Whether the time-series outlives its stack; "retain" protects it from deletion as well.'),
  stamps: z
    .array(z.enum(STAMPS))
    .refine((stamps) => new Set(stamps).size === stamps.length, 'has a name twice; allowed: each once')
    .default([...STAMPS])
    .describe(
      'The columns that the rule adds beside the keys: when the message arrived, its topic, and when it was measured.',
    ),
  retention: duration({ least: '1d', most: '3650d', example: '90d' })
    .optional()
    .describe('How long a row stays; without it, for ever.'),
  ingest: z
    .enum(['broker', 'basic'])
    .default('broker')
    .describe(
      'Where devices publish: to the message broker, or straight to the rule (basic ingest). Basic ingest costs less, and ' +
        'no subscriber gets the messages.',
    ),
  payload: z
    .enum(['columns', 'raw'])
    .default('columns')
    .describe(
      'Whether the fields of a JSON object are columns, or every payload is kept whole in the column "raw", by one rule ' +
        'without a condition. Basic ingest always keeps it whole.',
    ),
  // CloudWatch looks back 7 days at most (User Guide, "Evaluation period").
  silentAfter: duration({ least: '1h', most: '7d', example: '6h' })
    .optional()
    .describe('How long a device may send nothing before its alarm goes off; without it, there is no such alarm.'),
  github: z
    .union([
      repository.transform((name) => ({ repository: name, provider: 'new' as const })),
      strictObject({ repository, provider: z.enum(['new', 'existing']).default('new') }),
    ])
    .optional()
    .describe(
      "The repository on GitHub whose workflow may deploy, without a key: a stack with GitHub's OIDC provider and a role. An " +
        'account has one such provider: where another app has made it, { "repository": "owner/name", "provider": "existing" }.',
    ),
  kmsKey: text(
    KMS_KEY,
    'the id or the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  )
    .optional()
    .describe(
      'A key of yours in AWS KMS that encrypts the private keys in the Parameter Store; without it, the one that AWS ' +
        'keeps for the account. Private keys that were stored before stay as they are.',
    ),
}).refine(({ ingest, silentAfter }) => ingest !== 'basic' || silentAfter === undefined, {
  path: ['silentAfter'],
  // By basic ingest a message reaches the rule that it names and no other, so that none could count it besides.
  message: 'does not go with ingest "basic"; allowed: with ingest "broker"',
});

export type Board = (typeof BOARDS)[number];

/** Chips that one sketch and one TLS library serve. */
export type ChipFamily = 'esp8266' | 'esp32';
export const chipFamily = (board: Board): ChipFamily => (board === 'esp8266' ? 'esp8266' : 'esp32');

/** The kinds of key that a deployment makes. */
export type KeyType = z.infer<typeof keyType>;

/** What a fleet file says of a device. */
export type DeviceEntry = z.infer<typeof device>;

export type FleetSettings = z.infer<typeof fleetSettingsSchema>;
