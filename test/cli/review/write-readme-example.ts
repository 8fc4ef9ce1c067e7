import { readFileSync, writeFileSync } from 'node:fs';
import { readmeWithExample } from './readme-example.ts';

// `npm run review-example`
writeFileSync('README.md', await readmeWithExample(readFileSync('README.md', 'utf8')));
