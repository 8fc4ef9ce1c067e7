import { z } from 'zod';
import { STAMPS } from './columns.ts';
import { duration } from './duration.ts';
import { NAME_PATTERN } from './names.ts';

/** An object whose unknown keys are refused by name, together with the keys it does know. */
function strictObject<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${JSON.stringify(issue.keys[0])} is not known; allowed: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

const device = strictObject({
  board: z.enum(['esp8266', 'esp32']).describe('The chip, which decides how the firmware is built.'),
  revoked: z
    .boolean()
    .optional()
    .describe(
      'true: the certificate is REVOKED. That is final; for a new one, take the line away and raise the generation.',
    ),
  generation: z
    .int()
    .min(1)
    .optional()
    .describe('Raised to give the device a new identity; the one before works on until "fleet rotate --finish".'),
  keyType: z
    .enum(['ec', 'rsa'])
    .optional()
    .describe('Of the key that the deployment makes: ec is P-256 (the default), rsa has 2048 bits.'),
  csr: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The certificate signing request of a device that keeps its own key: a file in PEM, its path from the folder ' +
        'that has cdk.json.',
    ),
});

/** A fleet file: the devices of one site. `fleet.schema.json` is generated from this by `npm run schema`. */
export const fleetFileSchema = strictObject({
  devices: z
    .record(z.string().regex(NAME_PATTERN), device)
    .describe('One entry a device. A name appears once in the whole fleet.'),
}).describe('The devices of one site. The name of the file is the name of the site.');

/** Settings of the whole fleet, from the context key `fleet` of cdk.json or of `cdk -c`. Durations come out in seconds. */
export const fleetSettingsSchema = strictObject({
  removal: z
    .enum(['retain', 'destroy'])
    .default('retain')
    .describe('Whether the time-series outlives its stack; "retain" protects it from deletion as well.'),
  stamps: z
    .array(z.enum(STAMPS))
    .refine((stamps) => new Set(stamps).size === stamps.length, 'has a name twice; allowed: each once')
    .default([...STAMPS])
    .describe('What a row says about its message beside the keys: when and by which topic it arrived.'),
  retention: duration({ least: '1d', most: '3650d', example: '90d' })
    .optional()
    .describe('How long a row stays; without it, for ever.'),
  ingest: z
    .enum(['broker', 'basic'])
    .default('broker')
    .describe(
      'Where devices publish: by the message broker, or straight to the rule (basic ingest), which costs less and ' +
        'which no subscriber sees.',
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
}).refine(({ ingest, silentAfter }) => ingest !== 'basic' || silentAfter === undefined, {
  path: ['silentAfter'],
  // By basic ingest a message reaches the rule that it names and no other, so that none could count it besides.
  message: 'does not go with ingest "basic"; allowed: with ingest "broker"',
});

/** The chips a device may have. */
export type Board = z.infer<typeof device>['board'];

/** The kinds of key that a deployment makes. */
export type KeyType = NonNullable<z.infer<typeof device>['keyType']>;

export type FleetSettings = z.infer<typeof fleetSettingsSchema>;
