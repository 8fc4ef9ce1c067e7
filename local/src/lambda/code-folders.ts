import { existsSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { extract } from './deployment-package.ts';
import type { LambdaFunction } from './function-store.ts';

/** The code of functions as files, each package in a folder of its own. */
export class CodeFolders {
  readonly #scratch: string;
  readonly #beingMade = new Map<string, Promise<void>>();

  /** In this folder, which is private to the local cloud. */
  constructor(scratch: string) {
    this.#scratch = scratch;
  }

  /** The folder with the code of a function, laid out when it is first asked for. */
  async folder({ name, codeSha256 }: LambdaFunction, code: Uint8Array): Promise<string> {
    const folder = join(this.#scratch, name, Buffer.from(codeSha256, 'base64').toString('hex'));
    // Nothing is awaited between these two looks: what ends in between would be made again, over itself.
    const making = this.#beingMade.get(folder) ?? (existsSync(folder) ? undefined : this.#make(folder, code));
    await making;
    return folder;
  }

  #make(folder: string, code: Uint8Array): Promise<void> {
    const making = provideSdk(this.#scratch)
      .then(() => extract(code, folder))
      .finally(() => this.#beingMade.delete(folder));
    this.#beingMade.set(folder, making);
    return making;
  }
}

/** The clients of the AWS SDK that are installed here: Node.js finds them above the code, as in Lambda's own runtimes. */
async function provideSdk(scratch: string): Promise<void> {
  const clients = dirname(dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-s3/package.json')));
  await mkdir(join(scratch, 'node_modules'), { recursive: true });
  await symlink(clients, join(scratch, 'node_modules', '@aws-sdk'), 'junction').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
}
