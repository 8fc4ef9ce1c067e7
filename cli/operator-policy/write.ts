import { writeFileSync } from 'node:fs';
import { readFleetContext } from '../../lib/fleet/cdk-json.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { settingsIn } from '../../lib/fleet/settings.ts';
import { documents } from './documents.ts';

// `npm run operator-policy`, for the fleet of cdk.json; for one of its stages: `npm run operator-policy -- stage=dev`
const settings = settingsIn(readFleetContext(process.cwd(), process.argv.slice(2)));
for (const [file, text] of documents(new FleetNames(settings), settings.kmsKey))
  writeFileSync(new URL(`../../${file}`, import.meta.url), text);
