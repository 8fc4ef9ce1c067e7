import { App, Validations } from 'aws-cdk-lib';
import { FleetFileError } from '../lib/fleet/fleet-file-error.ts';
import { addFleet } from '../lib/fleet-app.ts';

// The CDK app, which the CDK CLI starts as cdk.json says.
// CDK_VALIDATION=false leaves out what takes long to check the templates: AWS's own validation, as it does in every CDK app,
// and cdk-nag.
if (process.env.CDK_CLI_VERSION !== undefined && process.env.AWS_ENDPOINT_URL !== undefined) {
  // The CDK CLI would say so in many lines, of which none names the cause.
  const { staleEnvironment } = await import('../cli/aws/stale-environment.ts');
  const stale = await staleEnvironment();
  if (stale !== undefined) {
    console.error(`esp-fleet: ${stale}`);
    process.exit(1);
  }
}
const app = new App();
try {
  await addFleet(app);
} catch (error) {
  if (!(error instanceof FleetFileError)) throw error;
  console.error(error.message);
  process.exit(1); // at once, or the app would still write what it has so far
}
if (process.env.CDK_VALIDATION !== 'false') {
  const { AwsSolutionsChecks } = await import('cdk-nag');
  const { KeptValidation } = await import('../lib/validation/kept-validation.ts');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new KeptValidation());
}
