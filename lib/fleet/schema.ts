import { z } from 'zod';
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

/** Settings of the whole fleet, from the context key `fleet` of cdk.json or of `cdk -c`. */
export const fleetSettingsSchema = strictObject({
  removal: z
    .enum(['retain', 'destroy'])
    .default('retain')
    .describe('Whether the time-series outlives its stack; "retain" protects it from deletion as well.'),
});

/** The chips a device may have. */
export type Board = z.infer<typeof device>['board'];

/** The kinds of key that a deployment makes. */
export type KeyType = NonNullable<z.infer<typeof device>['keyType']>;

export type FleetSettings = z.infer<typeof fleetSettingsSchema>;
