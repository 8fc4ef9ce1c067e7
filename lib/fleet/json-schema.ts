import { z } from 'zod';
import { fleetFileSchema } from './schema.ts';

/** The text of `fleet.schema.json`, by which editors check and complete a fleet file. */
export function fleetJsonSchema(): string {
  // Draft 7 is what the YAML language server of VS Code and others understands.
  return `${JSON.stringify(z.toJSONSchema(fleetFileSchema, { target: 'draft-7' }), undefined, 2)}\n`;
}
