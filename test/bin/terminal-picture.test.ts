import { expect, test } from 'vitest';
import { svgOf, wordsOf } from './terminal-picture.ts';

test('a picture has the words of the terminal, and keeps none from being text', () => {
  const line = '\u001b[32m✓\u001b[39m <b>a & b</b>  \u001b[2mrow 12\u001b[22m';
  expect(svgOf(line)).toContain('<tspan class="g">✓</tspan> &lt;b>a &amp; b&lt;/b>  <tspan class="d">row 12</tspan>');
  expect(wordsOf(svgOf(line))).toBe('✓ <b>a & b</b> row #');
});
