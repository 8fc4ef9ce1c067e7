import { AwsError } from '../../errors.ts';
import { Pattern } from '../../../../policy/pattern.ts';
import { type PolicyDocument, PolicySyntaxError, parsePolicy } from '../../../../policy/document.ts';

/** Characters of a policy document, white space not counted (AWS IoT Core quotas). */
const MAX_LENGTH = 2048;

/**
 * The actions of AWS IoT policies (DG, iot-policy-actions). How AWS words a refusal, users report: "Invalid policy syntax"
 * (aws/aws-cdk issue 32414), "The following resources are invalid" (aws-samples/simplerobotservice issue 1).
 */
const ACTIONS = [
  ...['Connect', 'GetRetainedMessage', 'ListRetainedMessages', 'Publish', 'Receive', 'RetainPublish', 'Subscribe'],
  ...['DeleteThingShadow', 'GetThingShadow', 'ListNamedShadowsForThing', 'UpdateThingShadow'],
  ...['DescribeJobExecution', 'GetPendingJobExecutions', 'StartNextPendingJobExecution', 'UpdateJobExecution'],
  'AssumeRoleWithCertificate',
].map((name) => `iot:${name}`);

/** Greengrass has actions of its own, which AWS takes and nothing here grants. */
function isKnown(action: string): boolean {
  if (/^greengrass:/i.test(action)) return true;
  const pattern = new Pattern(action, { ignoreCase: true, variables: false });
  return ACTIONS.some((known) => pattern.matches(known, () => undefined));
}

/** Parses the document of an AWS IoT policy. Throws MalformedPolicyException with the place and what is wrong there. */
export function parsePolicyDocument(text: string): PolicyDocument {
  const length = text.replace(/\s/g, '').length;
  if (length > MAX_LENGTH)
    throw malformed(`the document has ${length} characters besides white space; at most ${MAX_LENGTH} are allowed`);
  const document = parse(text);
  for (const { label, resources, principals, actions } of document.statements) {
    if (resources === undefined) throw malformed(`${label}: Resource is missing`);
    for (const action of actions) {
      if (!isKnown(action)) throw malformed(`${label}: Invalid policy syntax: there is no action ${action}`);
    }
    const wrong = resources.filter((resource) => !/^(\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+)$/s.test(resource));
    if (wrong.length > 0) throw malformed(`${label}: The following resources are invalid : ${wrong.join(', ')}`);
    if (principals !== undefined) throw malformed(`${label}: Principal is not allowed, the policy is attached to one`);
  }
  return document;
}

function parse(text: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicySyntaxError) throw malformed(error.message);
    throw error;
  }
}

const malformed = (why: string): AwsError =>
  new AwsError('MalformedPolicyException', `Policy document is malformed: ${why}`, 400);
