import { randomInt } from 'node:crypto';

/** Digits and capital letters without 0, 1, I and O, which people take for one another: 32, so that a character is 5 bits. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** 100 bits: whoever guesses a million a second for a day has a chance of 1 in 10^19. */
const LENGTH = 20;

/** A new code, by which a board may enrol once. */
export function newCode(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
