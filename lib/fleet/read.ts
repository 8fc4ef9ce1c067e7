import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { describeIssue } from './describe-issue.ts';
import { readDeviceList } from './device-list.ts';
import type { FleetDevice } from './fleet-device.ts';
import { type FleetDocument, readFleetDocument } from './fleet-document.ts';
import { FleetFileError } from './fleet-file-error.ts';
import { generationsOf } from './generations.ts';
import { type FleetNames, NAME_PATTERN, NAME_RULE } from './names.ts';
import { type DeviceEntry, fleetFileSchema } from './schema.ts';

export type { FleetDevice };

/** The devices of one fleet file, deployed as one stack. */
export interface Site {
  /** The name of the file, without `.yaml`. */
  readonly name: string;
  /** How everything of its fleet is called. */
  readonly names: FleetNames;
  readonly file: string;
  /** In the order of the file; none when the site has a list. */
  readonly devices: readonly FleetDevice[];
  /** Of a site whose devices are the lines of a CSV file, and no resources of its stack. */
  readonly list?: DeviceList;
}

export interface DeviceList {
  readonly file: string;
  /** In the order of the file. */
  readonly devices: readonly FleetDevice[];
}

/** The devices of a site, be they entries of its fleet file or lines of its list, and the file that has them. */
export function allDevices({ file, devices, list }: Pick<Site, 'file' | 'devices' | 'list'>): DeviceList {
  return list ?? { file, devices };
}

/**
 * Reads every `<site>.yaml` of a folder, in the order of their names.
 *
 * @param names how everything of the fleet is called
 * @param mayBeEmpty whether a folder without a fleet file is none of the mistakes
 * @throws {FleetFileError} at the first mistake of the first bad file, and for a name or a key that stands twice in the fleet
 */
export function readFleet(folder: string, names: FleetNames, mayBeEmpty = false): Site[] {
  const sites = siteFiles(folder, mayBeEmpty).map((file) => readSite(file, names));
  const devices = new Map<string, string>();
  const keys = new Map<string, string>();
  const all = sites.map(allDevices).flatMap(({ file, devices }) => devices.map((device) => ({ file, device })));
  for (const { file, device } of all) {
    const { name, line, generations } = device;
    const elsewhere = devices.get(name);
    if (elsewhere !== undefined) {
      throw new FleetFileError(
        file,
        line,
        `device "${name}" already stands in ${elsewhere}; allowed: once in the fleet`,
      );
    }
    devices.set(name, `${file}:${line}`);
    for (const { number, csr, certificateId } of generations) {
      const key = csr?.publicKey ?? certificateId;
      if (key === undefined) continue;
      const holder = keys.get(key);
      if (holder !== undefined) {
        const what = csr === undefined ? `certificate ${key.slice(0, 8)}` : `csr ${JSON.stringify(csr.path)}`;
        throw new FleetFileError(
          file,
          line,
          `${what} of "${name}" is for the key of ${holder}; allowed: a key of its own for each, ` +
            'since to revoke one would not stop the other',
        );
      }
      keys.set(key, `"${name}", generation ${number}`);
    }
  }
  return sites;
}

function siteFiles(folder: string, mayBeEmpty: boolean): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    throw new FleetFileError(
      join(folder, '/'),
      undefined,
      'no such folder here; run this in the folder that has cdk.json, or make it: it holds one YAML file a site, such as home.yaml',
    );
  }
  const misnamed = names.find((name) => name.endsWith('.yml'));
  if (misnamed !== undefined) {
    throw new FleetFileError(join(folder, misnamed), undefined, 'a fleet file is called <site>.yaml; rename it');
  }
  const files = names.filter((name) => name.endsWith('.yaml'));
  if (files.length === 0 && !mayBeEmpty) {
    throw new FleetFileError(
      join(folder, '/'),
      undefined,
      'no fleet file here; it holds one YAML file a site, such as home.yaml',
    );
  }
  return files.map((name) => join(folder, name));
}

function readSite(file: string, names: FleetNames): Site {
  const name = basename(file, '.yaml');
  if (!NAME_PATTERN.test(name)) {
    throw new FleetFileError(file, undefined, `the file's name names the site; allowed: ${NAME_RULE}`);
  }
  const fleetDocument = readFleetDocument(file);
  const { document, lineOf } = fleetDocument;
  if (document.contents === null) {
    throw new FleetFileError(file, 1, 'the file is empty; it starts with "devices:" and an entry a device');
  }
  refuseBadNames(fleetDocument);

  const content = fleetFileSchema.safeParse(document.toJS(), { reportInput: true });
  if (!content.success) {
    const mistakes = content.error.issues.map((issue) => {
      const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
      return { line: lineOf([...issue.path, ...unknownKey]), unknownKey, problem: describeIssue(issue) };
    });
    // A misspelt key is also a missing one: name the misspelling.
    mistakes.sort((a, b) => a.line - b.line || b.unknownKey.length - a.unknownKey.length);
    const [first] = mistakes;
    throw new FleetFileError(file, first?.line, first?.problem ?? 'not a fleet file');
  }
  const { list } = content.data;
  if (list !== undefined) {
    const listFile = join(dirname(file), list);
    if (!existsSync(listFile)) {
      const problem = `list ${JSON.stringify(list)} is not there; allowed: the path of a CSV file, from the folder of this one`;
      throw new FleetFileError(file, lineOf(['list']), problem);
    }
    return { name, names, file, devices: [], list: { file: listFile, devices: readDeviceList(listFile) } };
  }
  const devices = Object.entries(content.data.devices ?? {}).map(([device, entry]): FleetDevice => {
    const lineOfKey = (key: keyof DeviceEntry) => lineOf(['devices', device, key]);
    return {
      name: device,
      board: entry.board,
      revoked: entry.revoked ?? false,
      ...(entry.key === 'board' && { enrols: true }),
      generations: generationsOf(entry, { file, lineOf: lineOfKey }),
      line: lineOf(['devices', device]),
    };
  });
  // JavaScript moves keys that look like numbers to the front.
  devices.sort((a, b) => a.line - b.line);
  return { name, names, file, devices };
}

/** Before the schema sees them: a record would drop a key such as __proto__ without a word. */
function refuseBadNames({ document, file, lineOf }: FleetDocument): void {
  const devices = document.get('devices');
  if (!isMap(devices)) return;
  for (const { key } of devices.items) {
    const name = isScalar(key) ? String(key.value) : '';
    if (!NAME_PATTERN.test(name)) {
      throw new FleetFileError(
        file,
        lineOf(['devices', name]),
        `device name ${JSON.stringify(name)} is not valid; allowed: ${NAME_RULE}`,
      );
    }
  }
}
