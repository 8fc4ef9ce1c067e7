import { ListThingPrincipalsCommand } from '@aws-sdk/client-iot';
import { unlessGone } from '../../aws/gone.ts';
import { newCode } from '../../cli/enrol/code.ts';
import { REVOKED, WANTS } from '../../lib/fleet/enrolment.ts';
import { outcome, type Pems } from '../../testing/cloud/board.ts';
import { EnrollingBoard } from '../../testing/cloud/enrolling-board.ts';
import type { Progress } from '../progress.ts';
import { NAMES } from '../proved-fleet.ts';
import { CHIPS, type Chip, type Lane, OTHER, PLAIN } from './lane.ts';
import { ProvedBoard } from './proved-board.ts';

const GUESSES = 50;
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const WRONG = 'the code is wrong';
const WITHOUT = 'it gives no code, and is not connected as the device';
const NONE = 'there is no such device whose board makes its key';

/** As whom somebody connects. */
export interface By {
  readonly clientId: string;
  readonly pems: Pems;
}

/** As whoever has the firmware connects. @param header the text of claim.h */
export function claimIn(header: string): By {
  const pem = (name: string) => new RegExp(`${name}\\[\\] PROGMEM = R"PEM\\(([^)]*)\\)PEM"`).exec(header)?.[1] ?? '';
  const pems = { ca: pem('AWS_CERT_CA'), cert: pem('CLAIM_CERT_CRT'), key: pem('CLAIM_CERT_PRIVATE') };
  return { clientId: `${NAMES.claim}-thief`, pems };
}

/** Whoever should get no identity gets none, for the reason that stands in the hook's log; and who has one keeps it. */
export async function proveRefusals(lane: Lane, claim: By, progress: Progress): Promise<void> {
  const boards: EnrollingBoard[] = [];
  const newBoard = async (): Promise<EnrollingBoard> => {
    const { mqttPort, rootCaPem } = lane.deployment.cloud;
    const board = await EnrollingBoard.start({ names: NAMES, mqttPort, rootCaPem });
    boards.push(board);
    return board;
  };
  const attached = async (device: string): Promise<string> => {
    const thingName = NAMES.thing(device);
    const found = await unlessGone(lane.iot.send(new ListThingPrincipalsCommand({ thingName })));
    return found?.principals?.sort().join() ?? '';
  };
  const all = async (): Promise<string> => (await Promise.all([...CHIPS, OTHER, PLAIN].map(attached))).join(';');

  /** A board with another key asks, as an attacker does. */
  const refused = async (words: string, why: string, parameters: Record<string, string>, by = claim): Promise<void> => {
    progress.expect(1);
    const before = await all();
    const thief = await newBoard();
    const answer = await thief.enrol(by.clientId, by.pems, parameters);
    const id = thief.certificate?.certificateId ?? '';
    const logged = (await lane.hookLog()).find((line) => line.includes(`"certificateId":"${id}"`)) ?? '{}';
    const reason = (JSON.parse(logged.slice(logged.indexOf('{'))) as { refused?: string }).refused;
    const problem =
      typeof answer === 'string' || answer.errorMessage !== 'Access denied'
        ? `the answer is ${JSON.stringify(answer)}`
        : reason !== why
          ? `the hook's reason is "${reason}"`
          : (await all()) !== before
            ? 'another certificate is attached'
            : (await outcome(thief.client(NAMES.thing(OTHER), thief.identity))) === 'connected'
              ? 'it connects'
              : undefined;
    progress.case(words, problem);
    await thief.end();
  };

  const ofChip = async (chip: Chip): Promise<void> => {
    const say = (words: string): string => `${chip}: ${words}`;
    const board = new ProvedBoard(lane, chip);
    await board.reset();
    await refused(say('the claim alone'), WITHOUT, { device: chip });
    await refused(say('a code where there is none'), 'nobody has made a code for the device', {
      ...{ device: chip, code: newCode() },
    });
    const stale = await lane.line(chip, -1);
    await refused(say('a stale code'), 'the code has expired', { device: chip, code: stale.code });
    const [replaced, foreign, { code }] = [await lane.line(chip), await lane.line(OTHER), await lane.line(chip)];
    await refused(say('the code of the line before'), WRONG, { device: chip, code: replaced.code });
    await refused(say('the code of another device'), WRONG, { device: chip, code: foreign.code });
    const near = [...code].map((character, at) => {
      const other = ALPHABET[(ALPHABET.indexOf(character) + 1) % ALPHABET.length] ?? '';
      return code.slice(0, at) + other + code.slice(at + 1);
    });
    const spoilt = [code.slice(1), code.slice(0, -1), `${code} `, `${code}2`, code.toLowerCase()];
    const guesses = Array.from({ length: GUESSES }, newCode);
    for (const guess of [...near, ...spoilt, ...guesses])
      await refused(say(`the guess ${JSON.stringify(guess)}`), WRONG, { device: chip, code: guess });
    for (const more of ['thing', 'policy', 'AWS::IoT::Certificate::Id'])
      await refused(say(`with a ${more} that it chose`), `it gives the parameter "${more}"`, {
        ...{ device: chip, code, [more]: PLAIN },
      });
    for (const device of ['*', '', NAMES.claim, '../x', 'x'.repeat(65)])
      await refused(say(`as the device ${JSON.stringify(device)}`), 'it gives no name of a device', { device, code });
    await refused(say('as a device whose key a deployment makes'), NONE, { device: PLAIN, code });
    await refused(say('as a device that there is not'), NONE, { device: 'nobody', code });

    progress.expect(3);
    const line = await board.enrol();
    await board.stop();
    progress.case(say('after all that it enrols by its line'), (await board.inspect())[0]);
    await refused(say('a code that was used'), 'the code was used by another key', { device: chip, code: line.code });
    const second = new ProvedBoard(lane, chip, chip, 'second');
    progress.case(say('a second board with the same line is refused, and says so'), await second.isRefused(line.line));
    const rotates = board.rotate().then(
      () => undefined,
      (error: Error) => error.message,
    );
    progress.case(say('and the first one goes on, and changes its key'), await rotates);
    await board.stop();

    // By an identity that is not of this device.
    const guest = await newBoard();
    const { code: own } = await lane.line(OTHER);
    await guest.enrol(claim.clientId, claim.pems, { device: OTHER, code: own });
    const asGuest = { clientId: NAMES.thing(OTHER), pems: guest.identity };
    await refused(say('without a code, by the identity of another device'), WITHOUT, { device: chip }, asGuest);
    const another = `the device has a certificate of generation 1, and no newer one is wanted`;
    await refused(say('a second certificate of one generation'), another, { device: OTHER }, asGuest);

    const { code: right } = await lane.line(chip);
    await lane.change(chip, { [WANTS]: REVOKED });
    await refused(say('a device that is revoked, with its code'), 'the device is revoked', {
      device: chip,
      code: right,
    });
    await lane.reset(OTHER);
    await lane.reset(chip);
  };
  for (const chip of CHIPS) await ofChip(chip);
  await Promise.all(boards.map((board) => board.end()));
}
