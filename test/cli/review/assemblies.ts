import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assembly, readAssembly } from '../../../cli/review/assembly.ts';
import { type Resource, type Template } from '../../../cli/review/template.ts';
import { EnrolmentStack } from '../../../lib/enrolment-stack.ts';
import { FleetNames } from '../../../lib/fleet/names.ts';
import type { FleetDevice } from '../../../lib/fleet/read.ts';
import { fleetSettings } from '../../../lib/fleet/settings.ts';
import { SiteStack } from '../../../lib/site-stack.ts';
import { TelemetryStack } from '../../../lib/telemetry-stack.ts';
import { appIn, siteOf } from '../../lib/synthesized.ts';

export type Devices = readonly (string | Partial<FleetDevice>)[];

const known = new Map<string, Assembly>();

/** What the app synthesises for these sites, without what takes long to check it; once for each. */
export function assemblyOf(sites: Readonly<Record<string, Devices>>, chosen: object = {}): Assembly {
  const key = JSON.stringify([sites, chosen]);
  const assembly = known.get(key) ?? synthesized(sites, chosen);
  known.set(key, assembly);
  return assembly;
}

function synthesized(sites: Readonly<Record<string, Devices>>, chosen: object): Assembly {
  const outdir = mkdtempSync(join(tmpdir(), 'cdk.out-'));
  try {
    const app = appIn(outdir);
    const settings = fleetSettings(chosen);
    const names = new FleetNames(settings);
    new TelemetryStack(app, { settings, fleetId: 'ours', sites: Object.keys(sites) });
    const all = Object.values(sites).flat();
    if (all.some((device) => typeof device === 'object' && device.enrols))
      new EnrolmentStack(app, { fleetId: 'ours', settings });
    for (const [name, devices] of Object.entries(sites)) {
      new SiteStack(app, {
        site: { ...siteOf(...devices), names, name, file: `fleet/${name}.yaml` },
        fleetId: 'ours',
        settings,
      });
    }
    app.synth();
    return readAssembly(outdir, names);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** A copy in which a template has been changed by hand. */
export function edited(assembly: Assembly, stack: string, edit: (resources: Template['Resources']) => void): Assembly {
  const stacks = new Map(assembly.stacks);
  const before = stacks.get(stack);
  if (before === undefined) throw new Error(`there is no stack ${stack}`);
  const template = structuredClone(before.template);
  edit(template.Resources);
  stacks.set(stack, { ...before, template });
  return { ...assembly, stacks };
}

/** The only resource of a type whose logical id begins like this. */
export function resourceOf(resources: Template['Resources'], type: string, start = ''): Resource {
  const found = Object.entries(resources).filter(([id, { Type }]) => Type === type && id.startsWith(start));
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw new Error(`${found.length} of ${type} ${start}`);
  return first[1];
}

/** A comparison of two sides that are alike; what a test expects to have changed goes on top of it. */
export const NOTHING = {
  dangers: [],
  devices: { added: [], removed: [], revoked: [], rekeyed: [], moved: [], other: [] },
  policies: [],
  rules: [],
  access: { added: [], removed: [] },
  stacks: { added: [], removed: [] },
  resources: [],
  parts: [],
  findings: { added: [], removed: [] },
  acknowledgements: { added: [], removed: [] },
};
