/** What of an error of the AWS SDK, of Node.js or of ours decides what a person is told. */
interface Failure {
  readonly name: string;
  readonly message: string;
  /** Of system errors, such as ECONNREFUSED. */
  readonly code?: string;
}

/** @param endpoint where the requests went, when that is not AWS */
type Say = (failure: Failure, endpoint: string | undefined) => string;

/** As each service names it that somebody may not do what was asked. */
const DENIED = [
  'AccessDenied',
  'AccessDeniedException',
  'ForbiddenException',
  'NotAuthorized',
  'UnauthorizedException',
];

/** Whether IAM does not let this user do it. */
export function isDenied(error: unknown): error is Error {
  return error instanceof Error && DENIED.includes(error.name);
}

/** The IAM action that an error says is denied, as most services word it; undefined of those that do not say. */
export function deniedAction({ message }: Error): string | undefined {
  return /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
}

/** As each protocol of AWS names an operation that a service does not have, where it is or as old as it is. */
const NOT_SERVED = ['InvalidAction', 'MethodNotAllowedException', 'NotImplemented', 'UnknownOperationException'];

/** Whether the service does not have the operation here. */
export function isNotServed(error: unknown): error is Error {
  return error instanceof Error && NOT_SERVED.includes(error.name);
}

/** By the names that AWS's services and the SDK give their errors; each service has its own for the same thing. */
const ADVICE: readonly { readonly names: readonly string[]; readonly say: Say }[] = [
  {
    names: ['CredentialsProviderError', 'TokenProviderError'],
    say: ({ message }) =>
      /sso|token/i.test(message)
        ? `no AWS credentials: ${message}`
        : (ofProfile(process.env.AWS_PROFILE) ??
          'no AWS credentials; run "aws configure" or "aws sso login", or for the local cloud: source .local/env'),
  },
  {
    names: DENIED,
    say: ({ message }) => `AWS does not allow it: ${message}`,
  },
  {
    names: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'],
    say: () => 'the AWS credentials have expired; sign in again',
  },
  {
    names: [
      'IncompleteSignature',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'UnrecognizedClientException',
    ],
    say: ({ message }, endpoint) =>
      endpoint === undefined
        ? `AWS does not accept these credentials: ${message}`
        : `${endpoint} does not accept these credentials; the local cloud makes new ones whenever it starts, so run again: source .local/env`,
  },
  {
    names: ['RequestExpired', 'RequestTimeTooSkewed'],
    say: () => 'the clock of this machine is wrong, so AWS refuses its requests; set it and try again',
  },
  {
    names: [
      'LimitExceededException',
      'ProvisionedThroughputExceededException',
      'RequestLimitExceeded',
      'ThrottledException',
      'Throttling',
      'ThrottlingException',
      'TooManyRequestsException',
    ],
    say: () => 'AWS answers no more requests for the moment; wait a little and try again',
  },
];

function ofProfile(profile: string | undefined): string | undefined {
  return (
    profile && `no AWS credentials in the profile "${profile}"; which there are, says: aws configure list-profiles`
  );
}

/** What this machine refuses, by Node.js's code of it; the message says to what. */
const HERE = new Map<string | undefined, Say>([
  ['ENOSPC', ({ message }) => `the disk is full (${message}); make room, then try again`],
  ['EDQUOT', ({ message }) => `your share of the disk is full (${message}); make room, then try again`],
  ['EFBIG', ({ message }) => `no larger file may be written here (${message}); raise the limit, then try again`],
  ['EACCES', ({ message }) => `this user may not do it (${message})`],
  ['EROFS', ({ message }) => `nothing can be written there (${message})`],
]);

const UNREACHABLE = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * What a person is told about an error: one line, without a stack trace.
 *
 * @param endpoint where the requests went, when that is not AWS: the value of AWS_ENDPOINT_URL
 */
export function errorMessage(error: unknown, endpoint: string | undefined): string {
  const failure = failureOf(error);
  const known = ADVICE.find(({ names }) => names.includes(failure.name));
  const say = known?.say ?? HERE.get(failure.code);
  return oneLine(say?.(failure, endpoint) ?? connectionProblem(failure, endpoint) ?? failure.message);
}

function connectionProblem({ name, message, code }: Failure, endpoint: string | undefined): string | undefined {
  if (message === 'Region is missing') {
    return 'no AWS region; add --region, or set AWS_REGION, or for the local cloud: source .local/env';
  }
  if (name !== 'TimeoutError' && !(code !== undefined && UNREACHABLE.has(code))) return undefined;
  return endpoint === undefined
    ? `AWS cannot be reached (${code ?? message}); check the network and the region`
    : `nothing answers at ${endpoint} (${code ?? message}); start the local cloud (npm start, or npm run local) and run again: source .local/env; or unset AWS_ENDPOINT_URL to use AWS`;
}

function failureOf(error: unknown): Failure {
  // Node.js tries every address of a host; the error of the first says as much as all of them.
  if (error instanceof AggregateError) return failureOf((error.errors as readonly unknown[])[0]);
  if (!(error instanceof Error)) return { name: '', message: String(error) };
  // fetch says "fetch failed", and why in the cause.
  if (error.cause instanceof Error) return failureOf(error.cause);
  const { name, message } = error;
  return 'code' in error && typeof error.code === 'string' ? { name, message, code: error.code } : { name, message };
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
