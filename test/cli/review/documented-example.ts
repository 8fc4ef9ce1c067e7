import { CliError } from '../../../cli/terminal/cli-error.ts';
import { ScratchRepository } from './scratch-repository.ts';

/** docs/review.md as it shall be: with what `fleet review` says of a change that is made for it. */
export async function pageWithExample(page: string): Promise<string> {
  const repository = new ScratchRepository();
  try {
    repository.replace(
      'fleet/home.yaml',
      'garage-door: { board: esp32 }',
      'garage-door: { board: esp32, revoked: true }',
    );
    repository.replace('fleet/home.yaml', /(kitchen-sensor: \{ board: esp8266)/, '$1, generations: [1, 2]');
    repository.replace('fleet/home.yaml', /$/, '  attic: { board: esp8266 }\n  shed: { board: esp32 }\n');
    repository.replace('lib/device/device-policy.ts', /`\$\{names\.telemetryTopic\(device\)\}\/\*`/, "'rtjm/*'");
    const { code, stdout, stderr } = await repository.review();
    if (code !== 2) throw new CliError(`fleet review ended with ${code}: ${stderr}`);
    return withBlock(page, stdout.trimEnd());
  } finally {
    repository.remove();
  }
}

const BLOCK = /(<!-- npm run review-example -->\n\n```text\n)[^]*?(^```$)/m;

function withBlock(page: string, text: string): string {
  if (!BLOCK.test(page)) throw new CliError('docs/review.md has no block after <!-- npm run review-example -->');
  return page.replace(BLOCK, (_, before: string, after: string) => `${before}${text}\n${after}`);
}
