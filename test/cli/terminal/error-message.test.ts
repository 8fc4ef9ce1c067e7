import { CloudFormationServiceException } from '@aws-sdk/client-cloudformation';
import { expect, test } from 'vitest';
import { errorMessage } from '../../../cli/terminal/error-message.ts';

const named = (name: string, message: string) =>
  new CloudFormationServiceException({ name, message, $fault: 'client', $metadata: {} });
const system = (code: string) => Object.assign(new Error(`connect ${code} 127.0.0.1:4566`), { code });

test.each<[string, unknown, string]>([
  [
    'no credentials',
    named('CredentialsProviderError', 'Could not load credentials from any providers'),
    'no AWS credentials; run "aws configure" or "aws sso login", or for the local cloud: source .local/env',
  ],
  [
    'an SSO session that is over',
    named('CredentialsProviderError', "The SSO session has expired. To refresh this SSO session run 'aws sso login'."),
    "no AWS credentials: The SSO session has expired. To refresh this SSO session run 'aws sso login'.",
  ],
  [
    'no permission',
    named('AccessDeniedException', 'User: x is not authorized to perform: iot:GetPolicy on resource: y'),
    'AWS does not allow it: User: x is not authorized to perform: iot:GetPolicy on resource: y',
  ],
  ['expired', named('ExpiredTokenException', 'x'), 'the AWS credentials have expired; sign in again'],
  ['unknown keys', named('UnrecognizedClientException', 'Bad.'), 'AWS does not accept these credentials: Bad.'],
  [
    'throttled',
    named('ThrottlingException', 'Rate exceeded'),
    'AWS answers no more requests for the moment; wait a little and try again',
  ],
  [
    'a wrong clock',
    named('RequestTimeTooSkewed', 'x'),
    'the clock of this machine is wrong, so AWS refuses its requests; set it and try again',
  ],
  [
    'no region',
    new Error('Region is missing'),
    'no AWS region; add --region, or set AWS_REGION, or for the local cloud: source .local/env',
  ],
  ['no network', system('ENOTFOUND'), 'AWS cannot be reached (ENOTFOUND); check the network and the region'],
  [
    'several addresses',
    new AggregateError([system('ECONNREFUSED')]),
    'AWS cannot be reached (ECONNREFUSED); check the network and the region',
  ],
  [
    'fetch',
    new TypeError('fetch failed', { cause: system('ECONNREFUSED') }),
    'AWS cannot be reached (ECONNREFUSED); check the network and the region',
  ],
  ['anything else', new Error('first\n  second\n'), 'first second'],
  ['no error at all', 'text', 'text'],
])('%s', (_, error, expected) => {
  expect(errorMessage(error, undefined)).toBe(expected);
});

test('a local cloud that is not running', () => {
  expect(errorMessage(system('ECONNREFUSED'), 'http://127.0.0.1:4566')).toBe(
    'nothing answers at http://127.0.0.1:4566 (ECONNREFUSED); ' +
      'start the local cloud (npm start, or npm run local) and run again: source .local/env; or unset AWS_ENDPOINT_URL to use AWS',
  );
});

test.each(['InvalidClientTokenId', 'UnrecognizedClientException', 'SignatureDoesNotMatch'])(
  'keys that a local cloud gave out before it was started anew: %s',
  (name) => {
    expect(
      errorMessage(named(name, 'The security token included in the request is invalid.'), 'http://127.0.0.1:4566'),
    ).toBe(
      'http://127.0.0.1:4566 does not accept these credentials; ' +
        'the local cloud makes new ones whenever it starts, so run again: source .local/env',
    );
  },
);

test('a full disk', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(errorMessage(full, undefined)).toBe(
    'the disk is full (ENOSPC: no space left on device, write); make room, then try again',
  );
});
