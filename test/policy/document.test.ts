import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../policy/document.ts';

describe('parsePolicy', () => {
  it.each([
    ['no JSON', '{', 'not JSON'],
    ['a version that is none', '{"Version":"2020-01-01","Statement":{}}', 'Version'],
    ['an unknown member', '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Actions":"x"}}', 'Actions'],
    [
      'an unknown operator',
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"x","Condition":{"StringIs":{}}}}',
      'StringIs',
    ],
    ['a wrong effect', '{"Version":"2012-10-17","Statement":{"Effect":"allow","Action":"x"}}', 'Effect'],
  ])('refuses %s', (_, text, named) => {
    expect(() => parsePolicy(text)).toThrow(named);
  });
});
