import { member } from './stack-template.ts';

/**
 * A value of a template as one text: references stand as `${Name}` or `${Name.Attribute}`, and what else is not known
 * before the deployment as `${?}`.
 */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  const reference = member(value, 'Ref');
  if (typeof reference === 'string') return `\${${reference}}`;
  const attribute = member(value, 'Fn::GetAtt');
  if (Array.isArray(attribute)) return `\${${attribute.join('.')}}`;
  const joined = member(value, 'Fn::Join');
  if (Array.isArray(joined) && Array.isArray(joined[1])) return joined[1].map(valueText).join(String(joined[0]));
  const substituted = member(value, 'Fn::Sub');
  if (typeof substituted === 'string') return substituted.replaceAll('${!', '${'); // which stands for "${" itself
  return '${?}';
}
