import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/* npm takes options before "--" for its own, and tells a script of them in its environment alone. */

test.each([
  ['start', { npm_config_once: 'true' }, '--once', 'npm start -- --once'],
  [
    'local',
    { npm_config_pace: 'aws', npm_config_mqtt_port: '0' },
    '--mqtt-port --pace',
    'npm run local -- --mqtt-port --pace',
  ],
])('an option of ours that npm has taken stops npm %s, and what to type is said', (script, taken, options, command) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/ready.mjs'], {
    encoding: 'utf8',
    env: { ...process.env, npm_lifecycle_event: script, ...taken },
  });
  expect(stderr).toBe(`esp-fleet: npm has taken ${options} for an option of its own; put "--" before it: ${command}\n`);
  expect([status, stdout]).toEqual([1, '']);
});

test.skipIf(process.platform !== 'linux')('on a terminal, it is broken between words', () => {
  const { stdout } = spawnSync('script', ['-qec', `stty cols 60; '${process.execPath}' bin/ready.mjs`, '/dev/null'], {
    encoding: 'utf8',
    env: { ...process.env, npm_lifecycle_event: 'start', npm_config_once: 'true' },
  });
  expect(stdout.split('\r\n')).toEqual([
    'esp-fleet: npm has taken --once for an option of its own;',
    'put "--" before it: npm start -- --once',
    '',
  ]);
});
