import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Does some work while a file is locked: by another process, which lets go of it when this one ends, however that is. */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const holder = spawn('flock', [file, 'sh', '-c', 'echo locked; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'close').then(([code]) => Promise.reject(new Error(`flock has ended with ${code}`)));
  await Promise.race([once(holder.stdout, 'data'), ended]);
  ended.catch(() => undefined);
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}
