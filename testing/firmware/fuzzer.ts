import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Target, TARGETS } from './fuzz/targets.ts';
import { ARDUINO, CACHE, IDENTITY_LIBRARY, LIBRARY, ROOT, sourcesIn } from './build.ts';
import { Compiler, type Unit } from './compiler.ts';

const FUZZ = join(ROOT, 'testing/firmware/fuzz');
/** The broker of the unit tests serves here, too. */
const TESTS = join(ROOT, 'test/firmware');
const CHECKS = [
  ...['-O1', '-g1', '-fsanitize=fuzzer,address,undefined', '-fno-sanitize=vptr,function', '-fno-sanitize-recover=all'],
  '-fno-omit-frame-pointer',
];
const CXX = ['-std=gnu++17', '-funsigned-char', '-Wall', '-Wextra', '-Werror'];
/** Nobody looks for errors of the parser that ours are held against; what is new to it makes an input interesting. */
const REFERENCE: Unit = {
  source: join(FUZZ, 'reference.cpp'),
  flags: [...CXX, '-O1', '-fsanitize=fuzzer'],
  include: [FUZZ],
};

/** How a run of a fuzzer ended. */
export interface Fuzzed {
  /** Inputs that were tried. */
  readonly runs: number;
  /** What was found, with the input in base64; undefined when nothing was. */
  readonly finding: string | undefined;
}

function units(target: Target): Unit[] {
  const own = [join(FUZZ, TARGETS[target].source), join(FUZZ, 'board.cpp'), join(TESTS, 'unit/scripted-broker.cpp')];
  const answers = target === 'answer' ? [join(IDENTITY_LIBRARY, 'identity/JsonStrings.cpp')] : [];
  const units = [...own, ...answers, ...sourcesIn(LIBRARY)].map((source) => ({
    source,
    flags: [...CXX, ...CHECKS],
    include: [LIBRARY, IDENTITY_LIBRARY, ARDUINO, TESTS, FUZZ],
  }));
  return target === 'answer' || target === 'command' ? [...units, REFERENCE] : units;
}

/** One of the programs that fuzz FleetDevice (libFuzzer), with what it has found interesting so far. */
export class Fuzzer {
  readonly #program: string;
  readonly #folder: string;

  static async build(target: Target): Promise<Fuzzer> {
    return new Fuzzer(target, await new Compiler(CACHE, 'clang++-14').executable(units(target), CHECKS));
  }

  private constructor(target: Target, program: string) {
    this.#program = program;
    this.#folder = mkdtempSync(join(tmpdir(), `fuzz-${target}-`));
    mkdirSync(join(this.#folder, 'corpus'));
    TARGETS[target].seeds.forEach((seed, i) =>
      writeFileSync(join(this.#folder, 'corpus', `seed-${i}`), Buffer.from(seed, 'latin1')),
    );
  }

  /** Tries so many inputs, the same ones for the same seed and corpus. */
  async run(runs: number, seed: number): Promise<Fuzzed> {
    const args = [
      `-runs=${runs}`,
      `-seed=${seed}`,
      ...['-max_len=2048', '-timeout=10', '-print_final_stats=1', '-verbosity=0'],
      `-dict=${join(FUZZ, 'mqtt.dict')}`,
      `-artifact_prefix=${this.#folder}/finding-`,
    ];
    const fuzzer = spawn(this.#program, [...args, join(this.#folder, 'corpus')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let log = '';
    fuzzer.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => fuzzer.on('error', reject).on('close', resolve));
    const tried = Number(/^stat::number_of_executed_units: (\d+)$/m.exec(log)?.[1] ?? 0);
    return { runs: tried, finding: code === 0 ? undefined : `${log.slice(-4000)}\n${this.#findings()}` };
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #findings(): string {
    return readdirSync(this.#folder)
      .filter((name) => name.startsWith('finding-'))
      .map((name) => `${name}: ${readFileSync(join(this.#folder, name)).toString('base64')}`)
      .join('\n');
  }
}
