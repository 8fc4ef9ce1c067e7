import { AwsError } from '../../errors.ts';
import { type PolicyDocument, PolicySyntaxError, parsePolicy } from '../../policy/document.ts';

/** Characters of a policy document, white space not counted (AWS IoT Core quotas). */
const MAX_LENGTH = 2048;

/** Parses the document of an AWS IoT policy. Throws MalformedPolicyException with the place and what is wrong there. */
export function parsePolicyDocument(text: string): PolicyDocument {
  const length = text.replace(/\s/g, '').length;
  if (length > MAX_LENGTH)
    throw malformed(`the document has ${length} characters besides white space; at most ${MAX_LENGTH} are allowed`);
  const document = parse(text);
  for (const { label, resources, principals } of document.statements) {
    if (resources === undefined) throw malformed(`${label}: Resource is missing`);
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
