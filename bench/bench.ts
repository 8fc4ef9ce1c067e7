// `npm run bench [-- NAME]`: what is measured, one file each.

/** By name. Each prints its figures, and gives back whether they meet their goals. */
const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: () => Promise<boolean> }>>> = {
  firmware: () => import('./firmware.ts'),
  messages: () => import('./messages.ts'),
  query: () => import('./query.ts'),
  scale: () => import('./scale.ts'),
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`esp-fleet: there is no bench "${unknown}"; allowed: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(1);
}

for (const [name, load] of Object.entries(BENCHES)) {
  if (names.length > 0 && !names.includes(name)) continue;
  try {
    const { bench } = await load();
    if (!(await bench())) process.exitCode = 1;
  } catch (error) {
    console.error(
      `esp-fleet: the bench ${name} could not be finished: ${error instanceof Error ? error.stack : String(error)}`,
    );
    process.exitCode = 1;
  }
}
