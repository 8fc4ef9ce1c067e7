// Runs one Lambda function in a process of its own, on plain Node.js: loads the handler, then answers one event after the
// other over the channel to the local cloud, with the messages of protocol.ts. What it writes to its outputs becomes log lines.
import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const { env } = process;
const endpoint = new URL(env.AWS_ENDPOINT_URL ?? '');
let current;

/** An error of the runtime itself, under the name that AWS gives it. */
const runtimeError = (name, message) => Object.assign(new Error(message), { name: `Runtime.${name}` });

const describeError = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

// A log event is a line here; AWS keeps the lines of one console call together in the same way.
const writeLine = (text) => void process.stdout.write(`${text.replaceAll('\n', '\r')}\n`);
const timestamp = () => new Date().toISOString();
const logText = (level, ...values) =>
  writeLine(`${timestamp()}\t${current?.requestId ?? 'undefined'}\t${level}\t${format(...values)}`);

/** As AWS's own runtime writes it (aws-lambda-nodejs-runtime-interface-client, LogPatch): one value as it is, several as text. */
function logJson(level, ...values) {
  const line = { timestamp: timestamp(), level, requestId: current?.requestId };
  const errorOf = ({ name, message, stack }) => ({
    errorType: name,
    errorMessage: message,
    stackTrace: (stack ?? '').split('\n'),
  });
  const replacer = (_, value) => (value instanceof Error ? { ...errorOf(value), ...value } : value);
  const error = values.length > 1 && values.find((value) => value instanceof Error);
  const whole = { ...line, message: values.length === 1 ? values[0] : format(...values), ...(error && errorOf(error)) };
  try {
    writeLine(JSON.stringify(whole, replacer));
  } catch {
    writeLine(JSON.stringify({ ...line, message: format(...values) }));
  }
}
const isJson = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const logLine = isJson ? logJson : logText;
for (const [method, level] of Object.entries({
  log: 'INFO',
  info: 'INFO',
  debug: 'DEBUG',
  trace: 'TRACE',
  warn: 'WARN',
  error: 'ERROR',
  fatal: 'FATAL',
}))
  console[method] = (...values) => logLine(level, ...values);

/**
 * A custom resource answers CloudFormation over HTTPS, and CDK's own handlers call https.request with nothing but host name
 * and path. The local cloud takes no HTTPS, so what is meant for it goes there over HTTP.
 */
function redirectHttps() {
  const { request } = https;
  https.request = (...args) => {
    const [first, ...rest] = args;
    if (typeof first === 'string' || first instanceof URL) {
      const { host, pathname, search } = new URL(first);
      return host === endpoint.host ? http.request(new URL(pathname + search, endpoint), ...rest) : request(...args);
    }
    const { hostname, port } = endpoint;
    const ours =
      (first.hostname ?? first.host) === hostname && [undefined, '443', port].includes(first.port?.toString());
    return ours
      ? http.request({ ...first, protocol: 'http:', host: undefined, agent: undefined, hostname, port }, ...rest)
      : request(...args);
  };
  syncBuiltinESMExports();
}

/** Loads `folder/file.name`. */
async function loadHandler() {
  const path = env._HANDLER ?? '';
  const [file = '', ...names] = basename(path).split('.');
  const base = join(env.LAMBDA_TASK_ROOT ?? '', dirname(path), file);
  const found = ['', '.js', '.mjs', '.cjs']
    .map((extension) => base + extension)
    .find((candidate) => existsSync(candidate));
  if (!found) throw runtimeError('ImportModuleError', `Error: Cannot find module '${join(dirname(path), file)}'`);
  let module;
  try {
    module = await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError('UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND')
      throw runtimeError('ImportModuleError', `Error: ${error.message}`);
    throw error;
  }
  const pick = (from) => names.reduce((value, name) => value?.[name], from);
  const handler = pick(module) ?? pick(module.default);
  if (typeof handler !== 'function') throw runtimeError('HandlerNotFound', `${path} is undefined or not exported`);
  if (handler.length > 2 && !takesCallbacks)
    throw runtimeError(
      'CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to modify this function to use a supported handler signature to use Node.js 24 or later. For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  return handler;
}

const takesCallbacks = Number(/nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV ?? '')?.[1]) < 24;

/** Up to Node.js 22 only a promise or the callback answers; what a plain function returns is dropped. */
async function call(handler, event, context) {
  if (!takesCallbacks) return await handler(event, context);
  return await new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (handler.length < 3) resolve(null);
  });
}

const contextOf = ({ requestId, deadline, functionArn }) => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  invokedFunctionArn: functionArn,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  awsRequestId: requestId,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  getRemainingTimeInMillis: () => deadline - Date.now(),
});

/** Ends the event: first everything that was written, then the answer. */
function reply(answer, last = false) {
  const { requestId } = current;
  current = undefined;
  for (const output of [process.stdout, process.stderr]) output.write(`\0${requestId}\0`);
  process.send({ requestId, answer, last }, () => last && process.exit(1));
}

function fail(title, error, last) {
  const { errorType, errorMessage, trace } = describeError(error);
  if (isJson) logLine('ERROR', { errorType, errorMessage, stackTrace: trace });
  else logLine('ERROR', `${title} \t${JSON.stringify({ errorType, errorMessage, stack: trace })}`);
  if (current) reply({ error: { errorType, errorMessage, trace } }, last);
  else process.exit(1);
}

// After either of these AWS starts the process anew.
process.on('uncaughtException', (error) => fail('Uncaught Exception', error, true));
process.on('unhandledRejection', (reason) =>
  fail(
    'Unhandled Promise Rejection',
    runtimeError('UnhandledPromiseRejection', describeError(reason).errorMessage),
    true,
  ),
);
// The local cloud is gone, however it went.
process.on('disconnect', () => process.exit());

redirectHttps();
const handler = loadHandler();
process.on('message', async (invocation) => {
  current = invocation;
  let loaded;
  try {
    loaded = await handler;
  } catch (error) {
    return fail('Init Error', error, true);
  }
  try {
    const result = JSON.stringify((await call(loaded, JSON.parse(invocation.event), contextOf(invocation))) ?? null);
    if (result === undefined) throw runtimeError('JSONStringifyError', 'Unable to stringify response body');
    reply({ result });
  } catch (error) {
    fail('Invoke Error', error);
  }
});
// An error of loading is the answer to the first event.
await handler.catch(() => {});
process.send({ ready: true });
