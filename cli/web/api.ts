import { z } from 'zod';
import { NAME_PATTERN, NAME_RULE } from '../../lib/fleet/names.ts';
import type {
  CommandDone,
  Curves,
  DeadLetterView,
  Message,
  MessageDetails,
  RevocationDone,
  RevocationPlan,
} from '../../web/wire.ts';
import { cloudName } from '../aws/cloud.ts';
import { DeadLetterQueue } from '../aws/dead-letter-queue.ts';
import { telemetryDeployment, timeSeries, type TimeSeries } from '../aws/deployment.ts';
import { pagesOfRows, type Row, rowAtTheEnd, storedRow } from '../rows/time-series.ts';
import { CliError } from '../terminal/cli-error.ts';
import { levelsProblem, payloadProblem, sendCommand } from '../send/command.ts';
import { deadLetterIn } from '../redrive/dead-letter.ts';
import type { WhichFleet } from '../fleet/fleet-device.ts';
import { revocable } from '../fleet/revocable.ts';
import { carryOut, revocationOf } from '../fleet/revocation.ts';
import { timeOf } from '../rows/row-time.ts';
import { lateRows } from '../rows/rows-by-time.ts';
import { curvesOf } from './curves.ts';
import { detailsOf, messageOf, payloadText } from './messages.ts';

/** Messages of one answer. */
const PAGE = 20;

/** How long a dead letter that is looked at is hidden from a redrive. It is given back at once. */
const HIDDEN_SECONDS = 5;

/** The request is not one that the page makes: a line that says why. */
export class BadRequestError extends Error {}

/** What the page asks for, by path. `GET` reads, `POST` changes something. */
export interface Api {
  readonly GET: Readonly<Record<string, (query: URLSearchParams) => Promise<unknown>>>;
  readonly POST: Readonly<Record<string, (body: unknown) => Promise<unknown>>>;
}

/** @param changed called when something was done to a device */
export function apiOf(fleet: WhichFleet, changed: () => Promise<void>): Api {
  return {
    GET: {
      '/api/curves': (query) => curves(fleet, query),
      '/api/messages': (query) => messages(fleet, query),
      '/api/message': (query) => message(fleet, query),
      '/api/dead-letters': () => deadLetters(fleet),
      '/api/revocation': async (query) => revocation(fleet, read(revocationQuery, query).device),
    },
    POST: {
      '/api/revocation': async (body) => {
        const done = await revoke(fleet, read(revocationBody, body));
        await changed().catch(() => undefined); // it is asked for again anyway
        return done;
      },
      '/api/command': async (body) => command(fleet, read(commandBody, body)),
    },
  };
}

const device = z.string().regex(NAME_PATTERN, `allowed: ${NAME_RULE}`);
const time = z.coerce.number().int().min(0).max(9_999_999_999_999);

const curvesQuery = z
  .strictObject({ device, since: time, until: time })
  .refine(({ since, until }) => since < until, { message: 'since has to be before until' });
const messagesQuery = z.strictObject({ device, before: z.string().max(200).optional() });
const messageQuery = z.strictObject({ device, arrival: z.string().min(1).max(200) });
const revocationQuery = z.strictObject({ device });
const revocationBody = z.strictObject({ device, confirm: z.string() });
const commandBody = z.strictObject({ device, levels: z.string(), payload: z.string() });

function read<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input instanceof URLSearchParams ? Object.fromEntries(input) : input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new BadRequestError([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
}

async function curves({ names }: WhichFleet, query: URLSearchParams): Promise<Curves> {
  const { device, ...span } = read(curvesQuery, query);
  const series = await timeSeries(names);
  const [curves, first] = await Promise.all([
    curvesOf(newestFirst(series, device, span), span),
    rowAtTheEnd(series, device, 'oldest'),
  ]);
  return { ...curves, ...(first && { first: timeOf(first) }) };
}

async function* newestFirst(
  series: TimeSeries,
  device: string,
  span: { readonly since: number; readonly until: number },
): AsyncGenerator<readonly Row[]> {
  yield await lateRows(series, device, span);
  yield* pagesOfRows(series, device, { ...span, newestFirst: true });
}

/** The newest messages of a device, or those before one. */
async function messages({ names }: WhichFleet, query: URLSearchParams): Promise<Message[]> {
  const { device, before } = read(messagesQuery, query);
  const span = {
    since: 0,
    newestFirst: true,
    pageSize: PAGE,
    ...(before !== undefined && { startAfter: before }),
  };
  for await (const page of pagesOfRows(await timeSeries(names), device, span)) return page.map(messageOf);
  return [];
}

async function message({ names }: WhichFleet, query: URLSearchParams): Promise<MessageDetails> {
  const { device, arrival } = read(messageQuery, query);
  const stored = await storedRow(await timeSeries(names), device, arrival);
  if (stored === undefined) throw new CliError('the row is not there any more');
  return detailsOf(stored);
}

/** Ten of them at the most, which stay in the queue. */
async function deadLetters({ names }: WhichFleet): Promise<DeadLetterView[]> {
  const queue = new DeadLetterQueue((await telemetryDeployment(names)).deadLetters, HIDDEN_SECONDS);
  const found = await queue.receive();
  await Promise.all(found.map((each) => queue.giveBack(each)));
  return found.map((each) => {
    const letter = deadLetterIn(each);
    if (letter === undefined) return { payload: each.Body ?? '' };
    const { topic, rule, arrived, payload } = letter;
    return { topic, rule, arrived, payload: payloadText(payload).payload };
  });
}

async function revocation(fleet: WhichFleet, name: string): Promise<RevocationPlan> {
  const [{ plan }, cloud] = await Promise.all([revocable(fleet, name).then(revocationOf), cloudName()]);
  return { cloud, plan };
}

async function revoke(fleet: WhichFleet, { device, confirm }: z.infer<typeof revocationBody>): Promise<RevocationDone> {
  if (confirm !== device)
    throw new BadRequestError(`to revoke ${device}, its name has to be typed; nothing was changed`);
  const steps: string[] = [];
  await carryOut(await revocationOf(await revocable(fleet, device)), (step) => void steps.push(step));
  return { steps };
}

async function command(
  fleet: WhichFleet,
  { device, levels, payload }: z.infer<typeof commandBody>,
): Promise<CommandDone> {
  const problem = payloadProblem(payload) ?? levelsProblem(levels);
  if (problem !== undefined) throw new BadRequestError(problem);
  const { topic, fate, unknown } = await sendCommand(fleet, device, levels, payload);
  return { topic, fate: fate.kind, text: [`${device} ${fate.text}`, ...unknown].join('; ') };
}
