// `npm run bench -- NAME`: measurements, one file each. Machines differ, so each prints ratios to a peer of the same run.

/** By name. Each prints what it measures. */
const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: () => Promise<void> }>>> = {
  query: () => import('./query.ts'),
};

const [name = '', ...rest] = process.argv.slice(2);
const load = Object.hasOwn(BENCHES, name) && rest.length === 0 ? BENCHES[name] : undefined;
if (load === undefined) {
  console.error(`esp-fleet: measure what? npm run bench -- NAME; allowed: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(1);
}

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // read when a client of the SDK is made
try {
  const { bench } = await load();
  await bench();
} catch (error) {
  console.error(`esp-fleet: ${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`);
  process.exitCode = 1;
}
