import type { SystemLogLevel } from '@aws-sdk/client-lambda';
import { type LambdaFunction, type LogLevels, ONLY_VERSION } from './function-store.ts';
import type { LogLine } from './log-lines.ts';
import type { Answer } from './protocol.ts';

/** One invocation, as its log tells of it. */
interface Told {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly milliseconds: number;
  readonly answer: Answer;
  /** What the function wrote. */
  readonly lines: readonly LogLine[];
}

/** What stands in the log of an invocation: the function's lines between those of Lambda itself, in the format of the function. */
export const logReport = (fn: LambdaFunction, told: Told): LogLine[] =>
  fn.logLevels ? jsonReport(fn, fn.logLevels, told) : textReport(fn, told);

function textReport({ memory }: LambdaFunction, { requestId, started, milliseconds, answer, lines }: Told): LogLine[] {
  const timestamp = Date.now();
  // A handler's own error is in its lines already; the end of its process is not.
  const ended = 'error' in answer && answer.error.errorMessage.startsWith(`RequestId: ${requestId} Error: `);
  return [
    { timestamp: started, message: `START RequestId: ${requestId} Version: ${ONLY_VERSION}` },
    ...lines,
    ...(ended ? [{ timestamp, message: `${answer.error.errorMessage} ${answer.error.errorType}` }] : []),
    { timestamp, message: `END RequestId: ${requestId}` },
    {
      timestamp,
      message: `REPORT RequestId: ${requestId}\tDuration: ${milliseconds} ms\tMemory Size: ${memory} MB`,
    },
  ];
}

/** From the most detailed to the least. */
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
const rank = (level: string | undefined): number => LEVELS.findIndex((each) => each === level?.toUpperCase());

/** Developer Guide, "System log level event mapping", and "Lambda Telemetry API Event schema reference" for what each event says. */
function jsonReport({ memory }: LambdaFunction, levels: LogLevels, told: Told): LogLine[] {
  const { requestId, started, milliseconds, answer, lines } = told;
  const failed = 'error' in answer ? answer.error.errorType : undefined;
  const status = failed === undefined ? 'success' : failed === 'Sandbox.Timedout' ? 'timeout' : 'error';
  const outcome = { status, ...(failed !== undefined && { errorType: failed }) };
  const system = (level: SystemLogLevel, timestamp: number, type: string, record: object): LogLine[] => {
    const event = {
      time: new Date(timestamp).toISOString(),
      type: `platform.${type}`,
      record: { requestId, ...record },
    };
    return rank(level) < rank(levels.system) ? [] : [{ timestamp, message: JSON.stringify(event) }];
  };
  const now = Date.now();
  const metrics = { durationMs: milliseconds, billedDurationMs: milliseconds, memorySizeMB: memory };
  return [
    ...system('INFO', started, 'start', { version: ONLY_VERSION }),
    ...lines.filter(({ message }) => rank(levelOf(message)) >= rank(levels.application)),
    ...system(failed === undefined ? 'DEBUG' : 'WARN', now, 'runtimeDone', outcome),
    ...system(failed === undefined ? 'INFO' : 'WARN', now, 'report', { metrics, ...outcome }),
  ];
}

/** INFO of what names no level (Developer Guide, "Log-level filtering"). */
function levelOf(message: string): string {
  try {
    const { level } = JSON.parse(message) as { level?: string };
    return rank(level) === -1 ? 'INFO' : (level ?? '');
  } catch {
    return 'INFO';
  }
}
