import { createHash } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { type UnzipFileInfo, unzipSync } from 'fflate';
import { NotImplementedError } from '../errors.ts';
import type { Call } from '../service.ts';
import { invalid } from './function-settings.ts';

/** Developer Guide, "Lambda quotas": the size of a package's content. */
const MAX_UNZIPPED_BYTES = 250 * 1024 * 1024;

/** The bytes of the package and what Lambda answers of them. */
export interface DeploymentPackage {
  readonly bytes: Uint8Array;
  readonly codeSha256: string;
  readonly codeSize: number;
}

/** Reads the package that a call brings along or points to in S3, where the caller has to be allowed to read it. */
export async function readPackage(code: FunctionCode, call: Call): Promise<DeploymentPackage> {
  const { ZipFile, S3Bucket, S3Key, ...others } = code;
  const [other] = Object.entries(others).filter(([, value]) => value !== undefined);
  if (other) throw new NotImplementedError(`${other[0]} of a Lambda function's code`);
  if ((ZipFile === undefined) === (S3Bucket === undefined || S3Key === undefined))
    throw invalid('Provide either ZipFile, or S3Bucket and S3Key, as the code of the function.');
  const bytes =
    ZipFile ?? (await call.invoke<{ Body: Uint8Array }>('s3', 'GetObject', { Bucket: S3Bucket, Key: S3Key })).Body;
  unzip(bytes, () => false);
  return { bytes, codeSha256: createHash('sha256').update(bytes).digest('base64'), codeSize: bytes.length };
}

/** Lays the files of a package out in a folder that does not exist yet. */
export async function extract(bytes: Uint8Array, folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(unzip(bytes, ({ name }) => !name.endsWith('/')))) {
    const path = join(unfinished, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  await rename(unfinished, folder);
}

function unzip(bytes: Uint8Array, wanted: (file: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
  let size = 0;
  const check = (file: UnzipFileInfo): boolean => {
    const { name } = file;
    // A name that leads out of the folder ("zip slip") is nothing an honest tool writes.
    if (name.includes('\0') || name.includes('\\') || posix.isAbsolute(name) || name.split('/').includes('..'))
      throw invalid(`The deployment package has a file with the name ${JSON.stringify(name)}.`);
    size += file.originalSize;
    if (size > MAX_UNZIPPED_BYTES) throw invalid(`Unzipped size must be smaller than ${MAX_UNZIPPED_BYTES} bytes`);
    return wanted(file);
  };
  try {
    return unzipSync(bytes, { filter: check });
  } catch (error) {
    if (error instanceof Error && error.name === 'AwsError') throw error;
    throw invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
}
