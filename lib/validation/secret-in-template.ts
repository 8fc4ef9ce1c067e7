import type { Finding, Rule } from './rule.ts';
import type { StackTemplate } from './stack-template.ts';

/** What a secret looks like, wherever it stands. */
const SECRET_TEXTS: readonly [what: string, RegExp][] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an AWS access key', /\b(AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a secret that CloudFormation resolves', /\{\{resolve:(secretsmanager|ssm-secure):/],
];

/** Names of properties and attributes that hold one, as words: `privateKeyPem` is private-key-pem. */
const SECRET_NAME = /(^|-)(password|passphrase|secret|private-key|secret-key|api-key|(auth|access|session)-token)(-|$)/;

/** Names that only speak of one. */
const NAME_ABOUT_A_SECRET = /-(arn|id|name|path|length)$/;

/**
 * What passes through a template can be read by everybody who may look at the stack, its events and its change sets,
 * for as long as CloudFormation keeps them; NoEcho masks neither metadata nor what a custom resource answers.
 */
export const secretInTemplate: Rule = {
  id: 'secret-in-template',
  fix: 'Let the code that makes the secret keep it (SSM SecureString), and pass nothing but its name.',

  *check(template: StackTemplate) {
    for (const [id, { Properties }] of Object.entries(template.Resources))
      yield* secretsIn(Properties, id, 'Properties');
    for (const [id, output] of Object.entries(template.Outputs ?? {})) yield* secretsIn(output, id, 'Outputs');
    for (const [id, { NoEcho }] of Object.entries(template.Parameters ?? {})) {
      if (NoEcho !== undefined && NoEcho !== false && NoEcho !== 'false') {
        yield { logicalId: id, location: 'Parameters', problem: `The parameter ${id} takes a secret into the stack.` };
      }
    }
  },
};

function* secretsIn(value: unknown, logicalId: string, location: string): Generator<Finding> {
  const finding = (what: string) => ({ logicalId, location, problem: `${what} passes through the template.` });
  if (typeof value === 'string') {
    for (const [what, pattern] of SECRET_TEXTS) if (pattern.test(value)) yield finding(`At ${location}, ${what}`);
    for (const [, attribute = ''] of value.matchAll(/\$\{\w+\.(\w+)\}/g)) {
      if (namesASecret(attribute)) yield finding(`The attribute ${attribute}`);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'Fn::GetAtt') {
        const attribute = Array.isArray(inner) ? String(inner.at(-1)) : String(inner).replace(/^[^.]*\./, '');
        if (namesASecret(attribute)) yield finding(`The attribute ${attribute}`);
      } else if (namesASecret(name) && isText(inner)) {
        yield finding(`What "${name}" holds`);
      } else {
        yield* secretsIn(inner, logicalId, Array.isArray(value) ? location : `${location}.${name}`);
      }
    }
  }
}

function namesASecret(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[_.]/g, '-')
    .toLowerCase();
  return SECRET_NAME.test(words) && !NAME_ABOUT_A_SECRET.test(words);
}

/** A text, or an intrinsic function that gives one. */
function isText(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null && /^(Ref|Fn::.*)$/.test(Object.keys(value)[0] ?? '');
}
