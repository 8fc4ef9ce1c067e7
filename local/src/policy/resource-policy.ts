import { AwsError } from '../errors.ts';
import { type PolicyDocument, PolicySyntaxError, parsePolicy } from '../../../policy/document.ts';

// Every call to a resource asks its policy, and the evaluator compiles a document once for as long as the object lives.
const parsed = new Map<string, PolicyDocument>();
const MOST = 1000;

/** The parsed form of a policy that a resource carries, such as a bucket policy. The text has been accepted before. */
export function resourcePolicy(text: string): PolicyDocument {
  let document = parsed.get(text);
  if (!document) {
    document = parsePolicy(text);
    if (parsed.size >= MOST) parsed.clear();
    parsed.set(text, document);
  }
  return document;
}

/** Throws an AwsError of that code unless the text is a policy that names its principals and, where it has to, its resources. */
export function checkResourcePolicy(text: string, code: string, needsResource = true): void {
  try {
    for (const { label, principals, resources } of parsePolicy(text).statements) {
      if (!principals) throw new PolicySyntaxError(`${label} has no Principal`);
      if (!resources && needsResource) throw new PolicySyntaxError(`${label} has no Resource`);
    }
  } catch (error) {
    if (!(error instanceof PolicySyntaxError)) throw error;
    throw new AwsError(code, `the policy is malformed: ${error.message}`);
  }
}
