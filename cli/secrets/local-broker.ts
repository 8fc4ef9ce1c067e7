import { printWarning, type Terminal } from '../terminal/terminal.ts';

/** What a board is about to be given leads to this machine alone: says so. @param host of the broker */
export async function warnOfLocalBroker(host: string, { stderr }: Terminal): Promise<void> {
  if (host !== 'localhost' && !host.startsWith('127.')) return;
  const where = `its broker is ${host}, the local cloud on this machine`;
  await printWarning(stderr, `${where}: no board can reach that over a network; to let boards in: npm start -- --lan`);
}
