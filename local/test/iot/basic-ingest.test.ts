import { describe, expect, it } from 'vitest';
import { arn, nextMessage } from './iot-cloud.ts';
import { client, cloud, columns, publish, rule, useRuleCloud } from './rule-cloud.ts';

useRuleCloud();

describe('basic ingest', () => {
  it('runs the named rule alone, without its prefix, and delivers to nobody', async () => {
    await rule('rows', { sql: 'SELECT topic() AS topic', actions: [columns] });
    await rule('other', { actions: [columns] });
    await client.subscribeAsync('#');
    const message = nextMessage(client);
    await publish('{}', `$aws/rules/rows/${'x/'.repeat(7)}y`);
    expect(cloud.rows.map(({ Item }) => Item)).toEqual([{ topic: { S: `${'x/'.repeat(7)}y` } }]);
    await publish('next', 'elsewhere');
    expect(await message).toEqual(['elsewhere', 'next']);
  });

  it('says in the log when there is no such rule', async () => {
    await publish('{}', '$aws/rules/nothing/x');
    expect(cloud.log.lines.at(-1)).toBe('basic ingest: there is no enabled rule "nothing"');
  });

  it('needs a policy that allows its topic', async () => {
    await rule('rows', { actions: [columns] });
    const device = await cloud.device('garage', {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'iot:Connect', Resource: '*' },
        { Effect: 'Allow', Action: 'iot:Publish', Resource: arn('topic/$aws/rules/rows/rtjm/garage/*') },
      ],
    });
    const garage = await cloud.connect(device, 'garage');
    await garage.publishAsync('$aws/rules/rows/rtjm/garage/telemetry', '{}', { qos: 1 });
    await cloud.cutOff(garage, () => garage.publish('$aws/rules/rows/rtjm/kitchen/telemetry', '{}', { qos: 1 }));
    expect(cloud.rows).toHaveLength(1);
  });
});
