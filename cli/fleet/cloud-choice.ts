/** What a person chooses of AWS on the command line. */
export interface CloudChoice {
  /** Of the AWS configuration. */
  readonly profile?: string;
  /** Such as eu-west-1. */
  readonly region?: string;
}

/**
 * Leads every client of the SDK that is made afterwards where the command line says, as the AWS CLI does: a profile that
 * is named counts more than keys in the environment (AWS CLI User Guide, "Configuration and credential precedence"). Of the
 * two variables with a region the SDK for JavaScript reads AWS_REGION alone, while the CDK CLI reads AWS_DEFAULT_REGION, too.
 */
export function chooseCloud({ profile, region }: CloudChoice): void {
  const { env } = process;
  if (profile !== undefined) {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete env[name];
    env.AWS_PROFILE = profile;
  }
  const chosen = region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION);
  if (chosen) env.AWS_REGION = chosen;
}

/** Where requests go when that is not AWS. */
export function endpoint(): string | undefined {
  return process.env.AWS_ENDPOINT_URL;
}
