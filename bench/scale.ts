import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { readCertificate, readKey } from '../aws/identities.ts';
import { fleet } from '../cli/program.ts';
import { table } from '../cli/terminal/table.ts';
import { type Deployment, startDeployment } from '../testing/cloud/deployment.ts';
import { EnrollingBoard } from '../testing/cloud/enrolling-board.ts';

const SIZES = [10, 160, 10_000];
const MOST = 10_000;

/** Bytes by which the templates of 10 and of 10,000 devices may differ: the hash of the list is the same length in both. */
const GROWTH_GOAL = 0;
/** Seconds that it may take to list them all, and to cut one of them off. */
const LIST_GOAL = 60;
const REVOKE_GOAL = 15;

const nameOf = (index: number) => `meter-${String(index).padStart(5, '0')}`;
const names = (count: number) => Array.from({ length: count }, (_, index) => nameOf(index));
const listOf = (count: number) =>
  `name,board\n${names(count)
    .map((name) => `${name},esp32\n`)
    .join('')}`;

/**
 * Sites of 10, 160 and 10,000 devices, as resources of a stack and as lines of a list: what the app makes of them, and what becomes
 * of 10,000 in the local cloud.
 *
 * @returns whether the template of a list stays as it is, and listing and revoking are quick
 */
export async function bench(): Promise<boolean> {
  const isFlat = await synthesis();
  limits();
  const isQuick = await inLocalCloud();
  return isFlat && isQuick;
}

async function synthesis(): Promise<boolean> {
  const rows: string[][] = [];
  const sizes: number[] = [];
  for (const count of SIZES) {
    const entries = names(count).map((name) => `  ${name}: { board: esp32, key: board }\n`);
    const asResources = await synthesized({ 'meters.yaml': `devices:\n${entries.join('')}` });
    const asList = await synthesized({ 'meters.yaml': 'list: meters.csv\n', 'meters.csv': listOf(count) });
    sizes.push(asList.bytes ?? NaN);
    rows.push([
      count.toLocaleString('en'),
      ...[asResources, asList].flatMap(({ said, bytes }) => [bytes?.toLocaleString('en') ?? '-', said]),
    ]);
  }
  const head = ['devices', 'as resources: bytes', 'synthesised', 'as a list: bytes', 'synthesised '];
  console.log(table(process.stdout, head, rows));
  const growth = Math.max(...sizes) - Math.min(...sizes);
  console.log(
    `scale: the template of a list differs by ${growth} bytes between 10 and 10,000 devices (goal: ${GROWTH_GOAL})\n`,
  );
  return growth <= GROWTH_GOAL;
}

/** The template of the site, in bytes, and how long it took, or why there is none. */
async function synthesized(files: Readonly<Record<string, string>>): Promise<{ bytes?: number; said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'esp-fleet-bench-'));
  try {
    for (const [name, content] of Object.entries({ id: 'bench\n', ...files }))
      writeFileSync(join(folder, name), content);
    const { context } = JSON.parse(readFileSync('cdk.json', 'utf8')) as { context: Record<string, unknown> };
    const env = {
      ...process.env,
      CDK_OUTDIR: join(folder, 'cdk.out'),
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, fleetDir: folder }),
      CDK_VALIDATION: 'false',
    };
    const started = performance.now();
    const stderr = await new Promise<string | undefined>((resolve) => {
      const options = { env, maxBuffer: 2 ** 26 };
      execFile(process.execPath, ['bin/app.mjs'], options, (error, _, said) => resolve(error ? said : undefined));
    });
    if (stderr !== undefined) {
      const isRefused = /no room for device "[^"]*"/.exec(stderr);
      if (isRefused === null) throw new Error(`the app failed: ${stderr}`);
      return { said: `refused: ${isRefused[0]}` };
    }
    const bytes = statSync(join(folder, 'cdk.out', 'fleet-site-meters.template.json')).size;
    return { bytes, said: `in ${((performance.now() - started) / 1_000).toFixed(1)} s` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * How long 10,000 enrolments take by AWS's request limits of an account and region. Service Quotas has one for each of the two
 * requests of a board over MQTT; their numbers were not found. Those of the calls of the same name are taken, as far as
 * local/src/pace/limits.ts has them from the AWS IoT Core limits of 2019; 10 a second for RegisterThing is assumed. The hook writes to DynamoDB once, far below what a table on demand takes.
 */
function limits(): void {
  const rates = [
    ['CreateCertificateFromCsr', 15],
    ['RegisterThing', 10],
    ['AttachPolicy, by the template', 15],
    ['AttachThingPrincipal and CreateThing, by the template', 100],
  ] as const;
  const rows = rates.map(([what, perSecond]) => [what, String(perSecond), `${Math.ceil(MOST / perSecond / 60)} min`]);
  console.log(table(process.stdout, ['AWS IoT, 10,000 enrolments', 'a second', 'at the least'], rows));
  console.log('scale: so a factory that enrols faster than 10 boards a second has to have these limits raised\n');
}

async function inLocalCloud(): Promise<boolean> {
  const deployment = await startDeployment({ limitMs: 1_200_000 });
  try {
    Object.assign(process.env, deployment.cloud.environment);
    rmSync(join(deployment.fleetDir, 'home.yaml'), { force: true });
    deployment.writeSite('meters', 'list: meters.csv\n');
    writeFileSync(join(deployment.fleetDir, 'meters.csv'), listOf(MOST));
    const device = nameOf(MOST / 2);
    await timed('cdk deploy --all, all stacks new', () => cdk(deployment, 'deploy', '--all'));
    const board = await timed(`${device}: fleet enrol, and its board enrols`, () => enrolled(deployment, device));
    const list = () => verb(deployment, 'list', '--json');
    const [listed, listing] = await measured('fleet list --json', list);
    const found = (JSON.parse(listed) as { status: string }[]).map(({ status }) => status);
    if (found.length !== MOST || found.filter((status) => status === 'ACTIVE').length !== 1)
      throw new Error('the list is wrong');
    await timed('fleet doctor', () => verb(deployment, 'doctor'));
    const [, revoking] = await measured(`fleet revoke ${device}`, () => verb(deployment, 'revoke', device, '--yes'));
    await timed('cdk deploy --all, one line changed', () => cdk(deployment, 'deploy', '--all'));
    await board.end();
    console.log(`scale: goals: ${LIST_GOAL} s to list, ${REVOKE_GOAL} s to revoke`);
    return listing <= LIST_GOAL && revoking <= REVOKE_GOAL;
  } finally {
    await deployment.close();
  }
}

async function cdk(deployment: Deployment, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await deployment.cdk(...args);
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} failed: ${stdout}${stderr}`);
}

/** What a verb prints. */
async function verb(deployment: Deployment, ...argv: string[]): Promise<string> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const code = await fleet([...argv, '--fleet', deployment.fleetDir], { stdin: new PassThrough(), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  if (code !== 0) throw new Error(`fleet ${argv.join(' ')} ended with ${code}: ${out}${err}`);
  return out;
}

/** A board that becomes a device by the line that `fleet enrol` prints. */
async function enrolled(deployment: Deployment, device: string): Promise<EnrollingBoard> {
  const { which, cloud } = deployment;
  const [, , code = ''] = (await verb(deployment, 'enrol', device)).split(' ');
  const [recorded, key = ''] = [await readCertificate(which.names.claimPath), await readKey(which.names.claimPath)];
  const { mqttPort, rootCaPem } = cloud;
  const board = await EnrollingBoard.start({ names: which.names, mqttPort, rootCaPem });
  const claim = { cert: recorded?.certificatePem ?? '', key, ca: rootCaPem };
  const thing = await board.enrol(`${which.names.claim}-bench`, claim, { device, code });
  if (thing !== device) throw new Error(`${device} could not enrol: ${JSON.stringify(thing)}`);
  return board;
}

async function measured<Result>(what: string, work: () => Promise<Result>): Promise<[Result, number]> {
  const started = performance.now();
  const result = await work();
  const seconds = (performance.now() - started) / 1_000;
  console.log(`scale: of ${MOST.toLocaleString('en')} devices, ${what}: ${seconds.toFixed(1)} s`);
  return [result, seconds];
}

async function timed<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  return (await measured(what, work))[0];
}
