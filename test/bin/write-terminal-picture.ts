import { writeFileSync } from 'node:fs';
import { PICTURE, printed, svgOf } from './terminal-picture.ts';

// `npm run terminal-picture`
writeFileSync(PICTURE, svgOf(await printed()));
