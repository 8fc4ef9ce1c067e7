import { readFileSync, writeFileSync } from 'node:fs';
import { pageWithExample } from './documented-example.ts';

// `npm run review-example`
writeFileSync('docs/review.md', await pageWithExample(readFileSync('docs/review.md', 'utf8')));
