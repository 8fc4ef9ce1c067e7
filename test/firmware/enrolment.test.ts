import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  IoTClient,
  ListThingPrincipalsCommand,
  UpdateCertificateCommand,
  UpdateThingCommand,
} from '@aws-sdk/client-iot';
import { IoTDataPlaneClient, PublishCommand } from '@aws-sdk/client-iot-data-plane';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Faults } from '@esp-fleet/local-cloud';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCode } from '../../cli/enrol/code.ts';
import { EnrolDialogue } from '../../cli/flash/enrol-dialogue.ts';
import { CODE, codeHash, codeText, WANTS } from '../../lib/fleet/enrolment.ts';
import { FleetNames } from '../../lib/fleet/names.ts';
import { type Deployment, startDeployment } from '../../testing/cloud/deployment.ts';
import { Board } from '../../testing/firmware/board.ts';
import { buildSketch, ROOT } from '../../testing/firmware/build.ts';
import { ENROLLED_SKETCH, isKeyOfCertificate, typeLines, WIFI_PASSWORD } from '../../testing/firmware/enrolling.ts';
import { identitiesIn, type StoredIdentity } from '../../testing/firmware/flash-image.ts';
import { FlakyWire } from '../../testing/firmware/flaky-wire.ts';
import { KeySearch } from '../../testing/firmware/key-search.ts';
import { buildForLx106, emulatorWithFlash } from '../../testing/firmware/lx106.ts';
import { bearSslForLx106, canBuildFirmware, canBuildForLx106 } from '../../testing/firmware/requirements.ts';

/*
 * Boards of both chips, by one build each, that hold no identity: they make their keys, enrol with the line of `fleet enrol`,
 * and change their identity when they are told. Each step stands on the one before.
 */

const CHIPS = ['esp8266', 'esp32'] as const;
type Chip = (typeof CHIPS)[number];

const withEmulator = canBuildForLx106();

describe.skipIf(!canBuildFirmware())('boards that make their keys', () => {
  let deployment: Deployment;
  const faults = new Faults();
  let iot: IoTClient;
  let claim: string;
  const executables = new Map<Chip, string>();
  const boards: Board[] = [];
  const serials: string[] = [];
  /** Of all identities that there were. */
  const keys = new KeySearch();

  beforeAll(async () => {
    deployment = await startDeployment({ faults });
    iot = new IoTClient(deployment.client);
    const devices = CHIPS.flatMap((chip) =>
      ['one', 'two', 'cut'].map((name) => `  ${chip}-${name}: { board: ${chip}, key: board }\n`),
    );
    deployment.writeSite('home', `devices:\n${devices.join('')}  esp8266-chip: { board: esp8266, key: board }\n`);
    await deploy();
    const header = join(deployment.folder, 'claim.h');
    const { code, stderr } = await deployment.fleet('enrol', '--header', header);
    expect(code, stderr).toBe(0);
    claim = readFileSync(header, 'utf8');
    for (const chip of CHIPS) {
      const folder = join(deployment.folder, 'sketch', chip);
      executables.set(chip, await buildSketch(chip, ENROLLED_SKETCH, '', folder, claim));
    }
  });
  afterAll(async () => {
    await Promise.all(boards.map((board) => board.stop()));
    await deployment?.close();
  });

  const deploy = async (): Promise<void> => {
    const { code, stderr } = await deployment.cdk('deploy', '--all', '--require-approval', 'never');
    expect(code, stderr).toBe(0);
  };
  const flashOf = (device: string): string => join(deployment.folder, `${device}.flash`);
  const start = (chip: Chip, device: string, port = deployment.cloud.mqttPort, cut?: number): Board => {
    const board = new Board(executables.get(chip) ?? '', {
      port,
      flash: flashOf(device),
      ...(cut !== undefined && { cut }),
    });
    boards.push(board);
    return board;
  };
  const stop = async (board: Board): Promise<void> => {
    boards.splice(boards.indexOf(board), 1);
    serials.push(board.serial);
    await board.stop();
  };
  const lineFor = async (device: string): Promise<string> => {
    const { code, stdout, stderr } = await deployment.fleet('enrol', device);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  };
  const attached = async (thingName: string): Promise<string[]> => {
    const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
    return principals.map((arn) => arn.replace(/^.*\//, ''));
  };
  const rmFlash = (device: string): void => {
    for (const ending of ['nor', 'nvs']) rmSync(`${flashOf(device)}.${ending}`, { force: true });
  };
  const itemsOfAllTables = async (): Promise<object[]> => {
    const client = new DynamoDBClient(deployment.client);
    const { TableNames = [] } = await client.send(new ListTablesCommand({}));
    return Promise.all(TableNames.map((TableName) => client.send(new ScanCommand({ TableName }))));
  };
  const rowsOf = async (device: string): Promise<Record<string, unknown>[]> => {
    const { stdout } = await deployment.fleet('query', device, '--since', '2h', '--json');
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  const valuesOf = async (device: string): Promise<unknown[]> => (await rowsOf(device)).map(({ level }) => level);
  const topicsOf = async (device: string): Promise<string[]> =>
    (await rowsOf(device)).map(({ full_topic: topic }) => String(topic));
  /** The certificate of a board that has its identity: the only one in its flash, which was used. */
  const settled = async (chip: Chip, device: string): Promise<string> => {
    let inFlash: readonly StoredIdentity[] = [];
    const used = (): readonly boolean[] => (inFlash = identitiesIn(chip, flashOf(device))).map((one) => one.used);
    await expect.poll(used).toEqual([true]);
    const [identity] = inFlash;
    if (identity === undefined) throw new Error(`${device} has no identity`);
    expect(await attached(device)).toContain(identity.certificateId);
    expect(isKeyOfCertificate(identity)).toBe(true);
    keys.add(identity.key);
    return identity.certificateId;
  };
  /** A line as `fleet enrol` prints it, without a process for it. */
  const quickLine = async (device: string): Promise<string> => {
    const code = newCode();
    const text = codeText({ hash: codeHash(code), expires: Math.floor(Date.now() / 1_000) + 3_600 });
    await attributes(device, { [CODE]: text });
    return `enrol ${device} ${code} localhost:${deployment.cloud.mqttPort}`;
  };
  /** What `fleet flash` types when the board asks. */
  const answered = async (board: Board, name: string): Promise<void> => {
    const target = { site: { names: new FleetNames({}) }, device: { name } };
    const newLine = async () => ({ text: await lineFor(name), code: '', expires: 0 });
    const dialogue = new EnrolDialogue(target, { ssid: 'home', password: WIFI_PASSWORD }, newLine);
    for (let from = 0; dialogue.isOpen; from = board.serial.indexOf('\n', from) + 1) {
      await board.until('it says another line', () => board.serial.includes('\n', from));
      const [line = ''] = board.serial.slice(from).split(/\r?\n/);
      const answer = await dialogue.answerTo(line);
      if (answer !== undefined) board.tell(`type ${answer}`);
    }
  };
  const attributes = (thingName: string, changed: Record<string, string>): Promise<unknown> =>
    iot.send(new UpdateThingCommand({ thingName, attributePayload: { attributes: changed, merge: true } }));
  const publish = (topic: string, payload: string): Promise<unknown> =>
    new IoTDataPlaneClient(deployment.client).send(
      new PublishCommand({ topic, qos: 1, payload: Buffer.from(payload) }),
    );
  const tellToRotate = (device: string): Promise<unknown> => publish(`cmd/rtjm/${device}/identity/rotate`, '{}');

  it.each(CHIPS)('enrol with the line that is typed, and publish: two %s by one build', async (chip) => {
    for (const name of ['one', 'two']) {
      const device = `${chip}-${name}`;
      const board = start(chip, device);
      if (name === 'one') {
        await board.says(/This board has no identity/);
        typeLines(board, await lineFor(device));
      } else await answered(board, device);
      await expect.poll(() => topicsOf(device)).toContain(`rtjm/${device}/telemetry`);
      expect(await topicsOf(device)).toEqual(
        expect.arrayContaining([`rtjm/${device}/identity/used`, `rtjm/${device}/start`]),
      );
      await settled(chip, device);
      await stop(board);
    }
  });

  it.each(CHIPS)('keep it: an %s that starts again is who it was, without a word on the serial port', async (chip) => {
    const before = await settled(chip, `${chip}-two`);
    const board = start(chip, `${chip}-two`);
    await board.until('it takes readings', () => board.readings.size > 5);
    expect(board.serial).not.toMatch(/enrol|identity/);
    expect(await settled(chip, `${chip}-two`)).toBe(before);
    await stop(board);
  });

  it.each(CHIPS)('say that a code is refused, and take the next line: an %s', async (chip) => {
    const device = `${chip}-cut`;
    const board = start(chip, device);
    typeLines(board, (await quickLine(device)).replace(/[2-9A-Z]{20}/, 'ABCDEFGHJKLMNPQRSTUV'));
    await board.says(/enrolment: refused: Access denied/, 2); // it asks again by itself
    expect(await attached(device)).toEqual([]);
    const line = await quickLine(device);
    board.tell(`type ${line}`);
    await settled(chip, device);

    // The same line on a second board: the first one goes on.
    const certificateId = (await attached(device))[0];
    const second = new Board(executables.get(chip) ?? '', {
      port: deployment.cloud.mqttPort,
      flash: flashOf(`${device}-second`),
    });
    boards.push(second);
    typeLines(second, line);
    await second.says(/enrolment: refused: Access denied/);
    expect(await attached(device)).toEqual([certificateId]);
    await stop(second);
    await stop(board);
  });

  it.each(CHIPS)('on the serial port, what is no such line is told: an %s', async (chip) => {
    const board = start(chip, `${chip}-blank`);
    for (const [typed, answer] of [
      ['hello', /I know these lines: wifi NAME, password PASSWORD/],
      ['wifi ', /the name of a Wi-Fi has 1 to 32 bytes/],
      [`wifi ${'x'.repeat(33)}`, /the name of a Wi-Fi has 1 to 32 bytes/],
      [`password ${'x'.repeat(65)}`, /the password of a Wi-Fi has at most 64 characters/],
      ['enrol kitchen', /that is not the line that bin\/fleet enrol prints/],
      ['enrol kitchen CODE host', /that is not the line/],
      ['enrol kitchen CODE host:0', /that is not the line/],
      ['enrol kitchen CODE host:65536', /that is not the line/],
      ['enrol Kitchen CODE host:8883', /that is not the line/],
      ['enrol kitchen "CODE host:8883', /that is not the line/],
      [`enrol ${'x'.repeat(65)} CODE host:8883`, /that is not the line/],
      [`enrol kitchen CODE ${'h'.repeat(300)}:8883`, /that line is too long/],
    ] as const) {
      const before = board.serial.length;
      board.tell(`type ${typed}`);
      await board.until(typed, () => answer.test(board.serial.slice(before)));
    }
    await stop(board);
  });

  it.each([
    ...[4, 5, 6].map((records) => ['esp8266', records, false] as const),
    ...[4, 5, 6].map((records) => ['esp32', records, true] as const),
  ])(
    'enrol all the same when the connection of an %s ends behind %i packets, half of one more: %s',
    async (chip, records, half) => {
      const device = `${chip}-cut`;
      rmFlash(device);
      const wire = await FlakyWire.start(deployment.cloud.mqttPort);
      wire.point = { of: 'data', records, half };
      let broke = false;
      wire.onPoint = (_, cut) => {
        broke = true;
        cut();
      };
      const board = start(chip, device, wire.port);
      try {
        typeLines(board, await quickLine(device));
        await board.until('it is cut off', () => broke);
        await settled(chip, device);
      } finally {
        await stop(board);
        await wire.stop();
      }
    },
  );

  it.each(CHIPS)(
    'ask again when an identity connects, but is cut off each time before it is used: an %s',
    async (chip) => {
      const device = `${chip}-cut`;
      rmFlash(device);
      const wire = await FlakyWire.start(deployment.cloud.mqttPort);
      const board = start(chip, device, wire.port);
      let cuts = 0;
      try {
        const cutBeforePuback = () => {
          wire.point = { of: 'data', records: 1, half: false };
          wire.breaking = 2 + cuts; // the first is by the claim
        };
        wire.onPoint = (_, cut) => {
          if (++cuts < 3) cutBeforePuback();
          cut();
        };
        cutBeforePuback();
        typeLines(board, await quickLine(device));
        await board.until('it is cut off three times', () => cuts === 3);
        await settled(chip, device);
      } finally {
        await stop(board);
        await wire.stop();
      }
    },
  );

  it.each([
    ['esp8266', 11.5],
    ['esp32', 5.5],
  ] as const)(
    'enrol all the same when the power of an %s is cut: after each %d operations of flash',
    async (chip, step) => {
      const device = `${chip}-cut`;
      let cuts = 0;
      for (let after = step; ; after += step) {
        rmFlash(device);
        const line = await quickLine(device);
        const first = start(chip, device, undefined, after);
        typeLines(first, line);
        await first.until('it is cut, or has enrolled', () => first.cut || first.readings.size > 0);
        const { cut } = first;
        if (!cut) await settled(chip, device);
        await stop(first);
        if (!cut) break;
        cuts++;
        const second = start(chip, device);
        await second.until(
          'it knows who it is, or asks',
          () => /no identity/.test(second.serial) || second.readings.size > 0,
        );
        if (second.readings.size === 0) typeLines(second, line);
        await settled(chip, device);
        await stop(second);
      }
      expect(cuts).toBeGreaterThan(3);
    },
  );

  it.each(CHIPS)('change their identity when they are told, and lose no reading: an %s', async (chip) => {
    const device = `${chip}-one`;
    const before = await settled(chip, device);
    await attributes(device, { [WANTS]: '2' });
    const board = start(chip, device);
    await board.until('it takes readings', () => board.readings.size > 5);
    await tellToRotate(device);
    await board.says(/the new identity is in use/);
    const after = await settled(chip, device);
    await expect.poll(() => attached(device)).toEqual([after]); // the cloud ends the former one
    if (chip === 'esp8266') expect(board.erases).toBe(5); // told, key, identity, done, the former one
    expect(after).not.toBe(before);

    // Once it is not wanted any more, the cloud refuses, and the board goes on with what it has.
    await tellToRotate(device);
    await board.says(/enrolment: refused: Access denied/, 5, 30_000);
    const count = board.readings.size;
    await board.until('it takes more readings', () => board.readings.size > count + 5);
    expect(board.serial).not.toMatch(/\b(TLS|MQTT) \(/);
    expect(await settled(chip, device)).toBe(after);
    await stop(board);
    const taken = [...board.readings.keys()];
    await expect.poll(() => valuesOf(device)).toEqual(expect.arrayContaining(taken.slice(0, -3)));
  });

  it.each(CHIPS)(
    'change it all the same when its certificate works later than the board tries it: an %s',
    async (chip) => {
      const device = `${chip}-one`;
      const before = await settled(chip, device);
      await attributes(device, { [WANTS]: '3' });
      const board = start(chip, device);
      await board.until('it takes readings', () => board.readings.size > 5);
      const act = () => board.says(/the former one again/);
      faults.add({ service: 'iot', operation: 'UpdateCertificate', kind: 'meanwhile', act });
      await tellToRotate(device);
      await board.says(/the new identity is in use/, 1, 30_000);
      expect(board.serial).toMatch(/no answer[^]*the former one again/);
      const after = await settled(chip, device);
      expect(after).not.toBe(before);
      await expect.poll(() => attached(device)).toEqual([after]);
      await stop(board);
    },
  );

  it.each(CHIPS)('stay with the new one once it has worked, whatever the board hears of it: an %s', async (chip) => {
    const device = `${chip}-one`;
    const before = await settled(chip, device);
    await attributes(device, { [WANTS]: '4' });
    const wire = await FlakyWire.start(deployment.cloud.mqttPort);
    const board = start(chip, device, wire.port);
    try {
      await board.until('it takes readings', () => board.readings.size > 5);
      // The cloud takes the message that the new identity is used; its acknowledgement never comes, and the former one goes on working.
      let isFree = false;
      const cutBeforePuback = (connection: number) => {
        wire.point = { of: 'data', records: 1, half: false };
        wire.breaking = connection; // the first is by the former identity
      };
      wire.onPoint = (_, cut) => {
        if (!isFree) cutBeforePuback(wire.connections + 1);
        cut();
      };
      cutBeforePuback(2);
      const act = () => expect.poll(() => wire.connections).toBeGreaterThan(6);
      faults.add({ service: 'iot', operation: 'ListThingPrincipals', kind: 'meanwhile', act, occurrence: 2 }); // the hook's is the first
      await tellToRotate(device);
      await act();
      isFree = true;
      await board.says(/the new identity is in use/, 1, 30_000);
      expect(board.serial).not.toMatch(/the former one again/);
      const after = await settled(chip, device);
      expect(after).not.toBe(before);
      await expect.poll(() => attached(device)).toEqual([after]);
    } finally {
      await stop(board);
      await wire.stop();
    }
  });

  it.each(CHIPS)('find the way back when somebody has ended the former identity: an %s', async (chip) => {
    const device = `${chip}-one`;
    const before = await settled(chip, device);
    await attributes(device, { [WANTS]: '5' });
    const board = start(chip, device);
    await board.until('it takes readings', () => board.readings.size > 5);
    const act = async () => {
      await board.until('the new one is refused', () => /the former one again/.test(board.serial));
      await iot.send(new UpdateCertificateCommand({ certificateId: before, newStatus: 'INACTIVE' }));
      await board.says(/the former identity was refused/);
    };
    faults.add({ service: 'iot', operation: 'UpdateCertificate', kind: 'meanwhile', act });
    await tellToRotate(device);
    await board.says(/the new identity is in use/, 1, 30_000);
    expect(await settled(chip, device)).not.toBe(before);
    await stop(board);
  });

  it.each(CHIPS)('wait before they try again to keep a new key that flash does not take: an %s', async (chip) => {
    const device = `${chip}-one`;
    const board = start(chip, device);
    await board.until('it takes readings', () => board.readings.size > 2);
    board.tell('flash full');
    board.tell('type wifi home');
    await board.says(/flash has not kept what was written/); // nor will it keep that it was told
    await tellToRotate(device);
    await board.says(/no key could be made/);
    const count = board.readings.size;
    await board.until('it takes more readings', () => board.readings.size > count + 20); // 0.8 s; it tries after 0.2 s and 0.6 s
    expect(board.serial.match(/no key could be made/g)?.length).toBeLessThan(5);
    await stop(board);
    await settled(chip, device);
  });

  it.each([
    ['esp8266', 11.5],
    ['esp32', 5.5],
  ] as const)(
    'have an identity wherever the power of an %s is cut while it changes: after each %d',
    async (chip, step) => {
      const device = `${chip}-one`;
      let generation = 5; // those before are of the cases above
      let cuts = 0;
      for (let after = step; ; after += step) {
        const before = await settled(chip, device);
        await attributes(device, { [WANTS]: String(++generation) });
        const first = start(chip, device, undefined, after);
        await first.until('it takes readings', () => first.cut || first.readings.size > 2);
        if (!first.cut) await tellToRotate(device); // it asks at its start as well
        const changed = () => {
          const identities = identitiesIn(chip, flashOf(device));
          return identities.length === 1 && identities.every((one) => one.used && one.certificateId !== before);
        };
        await expect.poll(() => first.cut || changed()).toBe(true);
        await stop(first);
        if (!first.cut) break;
        cuts++;
        const second = start(chip, device);
        await second.until('it takes readings', () => second.readings.size > 2);
        await tellToRotate(device); // it may not have kept that it was told
        await expect.poll(changed).toBe(true);
        await settled(chip, device);
        await stop(second);
      }
      expect(cuts).toBeGreaterThan(2);
    },
  );

  // BearSSL, the curve and the flash as on the chip, which ends the program that reads a byte of its flash (local-cloud.test.ts).
  it.skipIf(!withEmulator)('enrol on the processor of the ESP8266, in an emulator', async () => {
    const program = await buildForLx106({
      source: join(ROOT, 'firmware', ENROLLED_SKETCH),
      secrets: '',
      claim,
      folder: join(deployment.folder, 'lx106'),
      bearSsl: await bearSslForLx106(),
    });
    const device = 'esp8266-chip';
    const { mqttPort: port } = deployment.cloud;
    const board = new Board(program, { port, flash: flashOf(device) }, emulatorWithFlash(program));
    boards.push(board);
    typeLines(board, await quickLine(device));
    await board.until('it takes readings', () => board.readings.size > 0, 60_000);
    await settled('esp8266', device);
    await tellToRotate(device); // which nobody wants: the cloud refuses
    await board.says(/enrolment: refused: Access denied/, 1, 60_000);
    await stop(board);
  });

  it.each(CHIPS)('take another Wi-Fi while they run, and become another device: an %s', async (chip) => {
    const board = start(chip, `${chip}-two`);
    await board.until('it takes readings', () => board.readings.size > 5);
    board.tell('type wifi another');
    await board.says(/wifi: another/);
    await publish(`cmd/rtjm/${chip}-two/relay`, '{"relay":true}');
    await board.says(/relay on/); // so it has come back as who it was
    const used = `rtjm/${chip}-cut/identity/used`;
    const before = (await topicsOf(`${chip}-cut`)).filter((topic) => topic === used).length;
    board.tell(`type ${await quickLine(`${chip}-cut`)}`);
    await board.says(/restarting/);
    const stored = (): readonly object[] =>
      identitiesIn(chip, flashOf(`${chip}-two`)).map(({ device, used }) => ({ device, used }));
    await expect.poll(stored).toEqual([{ device: `${chip}-cut`, used: true }]);
    const after = async () => (await topicsOf(`${chip}-cut`)).filter((topic) => topic === used).length;
    await expect.poll(after).toBe(before + 1);
    await stop(board);
  });

  it('include what "fleet enrol --header" writes, as the example of it shows', () => {
    const namesIn = (header: string): string[] =>
      [...header.matchAll(/^(?:#define|static const char) (\w+)/gm)].map(([, name]) => name ?? '').sort();
    const example = readFileSync(join(ROOT, 'firmware/libraries/FleetIdentity/claim.example.h'), 'utf8');
    expect(namesIn(claim)).toEqual(namesIn(example));
  });

  it('give no private key away: not in what they print, nor in anything the cloud has', async () => {
    const ssm = await new SSMClient(deployment.client).send(
      new GetParametersByPathCommand({ Path: '/', Recursive: true, WithDecryption: true }),
    );
    const items = await itemsOfAllTables();
    expect(JSON.stringify(items)).toContain('rtjm/esp8266-one/telemetry');
    const files = readdirSync(deployment.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(nor|nvs)$/.test(entry.name))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    const builds = [...executables.values()].map((file) => readFileSync(file, 'latin1'));
    const all = [JSON.stringify([ssm, items]), ...deployment.log.lines, ...serials, ...files, ...builds].join('\n');
    expect(all).toContain('Enrolment'); // so this is what was to be searched
    expect(keys.size).toBeGreaterThan(10);
    const flash = (file: string) => readFileSync(join(deployment.folder, file));
    expect(['esp8266-cut.flash.nor', 'esp32-cut.flash.nvs'].map((file) => keys.isIn(flash(file)))).toEqual([
      true,
      true,
    ]);
    expect(keys.isIn(Buffer.from(all, 'latin1'))).toBe(false);
    for (const build of builds)
      for (const word of [WIFI_PASSWORD, 'esp32-one', 'esp8266-one']) expect(build).not.toContain(word);
  });
});
