import fc from 'fast-check';

/**
 * A character of a text: every code point but halves of surrogates, like fast-check's unit `binary`, which makes a list of
 * all 1.1 million of them first, in most of a second.
 */
export const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
