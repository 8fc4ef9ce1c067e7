import { App, CloudFormationValidatePlugin } from 'aws-cdk-lib';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { KeptValidation } from '../../../lib/validation/kept-validation.ts';

const scratch = mkdtempSync(join(tmpdir(), 'esp-fleet-'));
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const queue = (properties: object) => ({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: properties } } });

/** What each synthesis asks for: stacks by name, each with a template. */
function contextOf(outdir: string, templates: Readonly<Record<string, object>>) {
  mkdirSync(join(scratch, outdir));
  const stackTemplates = Object.entries(templates).map(([stackConstructPath, template]) => {
    const templatePath = join(scratch, outdir, `${stackConstructPath}.template.json`);
    writeFileSync(templatePath, JSON.stringify(template));
    return { stackConstructPath, templatePath, accountId: undefined, region: undefined };
  });
  const templatePaths = stackTemplates.map(({ templatePath }) => templatePath);
  return { stackTemplates, templatePaths, appConstruct: new App() };
}

test('what was found of a template is found again, without the engine; another template is validated', () => {
  const engine = vi.spyOn(CloudFormationValidatePlugin.prototype, 'validate');
  const plugin = new KeptValidation(join(scratch, 'kept'));
  const wrong = queue({ VisibilityTimeout: 'soon' });
  const once = plugin.validate(contextOf('once', { right: queue({}), wrong }));
  expect(once.violations.length).toBeGreaterThan(0);
  expect(once.success).toBe(false);
  expect(engine).toHaveBeenCalledTimes(1);

  const again = plugin.validate(contextOf('again', { right: queue({}), wrong }));
  expect(engine).toHaveBeenCalledTimes(1);
  expect(JSON.parse(JSON.stringify(again).replaceAll('/again/', '/once/'))).toEqual(JSON.parse(JSON.stringify(once)));

  const mended = contextOf('mended', { right: queue({}), wrong: queue({ VisibilityTimeout: 30 }) });
  expect(plugin.validate(mended)).toEqual({ success: true, violations: [] });
  expect(engine.mock.lastCall?.[0].stackTemplates).toEqual(mended.stackTemplates.slice(1));
});

test('where nothing can be kept, all is validated', () => {
  writeFileSync(join(scratch, 'file'), '');
  const plugin = new KeptValidation(join(scratch, 'file'));
  const violation = { ruleName: 'wrong', description: '', severity: 'error', violatingResources: [] };
  const engine = vi.spyOn(CloudFormationValidatePlugin.prototype, 'validate');
  engine.mockReturnValue({ success: false, violations: [violation] }); // it takes seconds to start
  for (const outdir of ['first', 'second'])
    expect(plugin.validate(contextOf(outdir, { wrong: queue({}) }))).toEqual({
      success: false,
      violations: [violation],
    });
  expect(engine).toHaveBeenCalledTimes(2);
});
