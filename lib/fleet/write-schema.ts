import { writeFileSync } from 'node:fs';
import { fleetJsonSchema } from './json-schema.ts';

// `npm run schema`
writeFileSync(new URL('../../fleet.schema.json', import.meta.url), fleetJsonSchema());
