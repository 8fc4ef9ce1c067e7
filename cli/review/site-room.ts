import { RESOURCES_A_STACK } from '../../lib/fleet/site-room.ts';
import type { Assembly } from './assembly.ts';
import type { TemplateDevice } from './devices.ts';
import { sortedBy } from './order.ts';

/** How full the stack of a site is. */
export interface SiteRoom {
  readonly site: string;
  readonly devices: number;
  readonly resources: number;
  /** Resources that the stack still has room for. */
  readonly left: number;
}

export function siteRoom({ names, stacks }: Assembly, devices: ReadonlyMap<string, TemplateDevice>): SiteRoom[] {
  const prefix = names.siteStack('');
  const sites = [...stacks].filter(([name]) => name.startsWith(prefix));
  const rooms = sites.map(([name, { template }]): SiteRoom => {
    const resources = Object.keys(template.Resources).length;
    const site = name.slice(prefix.length);
    const own = [...devices.values()].filter((device) => device.site === site);
    return { site, devices: own.length, resources, left: RESOURCES_A_STACK - resources };
  });
  return sortedBy(rooms, ({ site }) => site);
}
