/** A payload that claims to be what it is not, or that something on its way may choke on. */
export interface Spoof {
  readonly words: string;
  readonly payload: string | Uint8Array;
}

const text = (words: string, payload: string): Spoof => ({ words, payload });

const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

/** What AWS IoT takes at most (AWS IoT Core quotas). */
const LARGEST = 128 * 1024;

const largest = (start: string, end: string) => start + 'x'.repeat(LARGEST - start.length - end.length) + end;

export const SPOOFS: readonly Spoof[] = [
  ...['received', 'full_topic', 'device', 'arrival', 'measured', 'raw', 'expires'].flatMap((name) => [
    text(`${name} of its own`, JSON.stringify({ [name]: 'device-1', temperature: 20 })),
    text(`${name}: null`, JSON.stringify({ [name]: null })),
    text(`${name}: a number`, JSON.stringify({ [name]: 1 })),
    text(`${name}: an object`, JSON.stringify({ [name]: { device: 'device-1' } })),
  ]),
  text('all of our names at once', '{"device":"device-1","arrival":"9#9","received":1,"full_topic":"x","raw":"eA=="}'),
  ...['1500', '1500.9', '"1500"', '-1', '604800001', '1e999', 'null', 'true', '"x"', '[1]', '{}', '{"a":1}'].map(
    (age) => text(`age: ${age}`, `{"age":${age},"temperature":20}`),
  ),
  text('our names in another case', '{"Device":"device-1","RECEIVED":1}'),
  text('our names one level deeper', '{"a":{"device":"device-1","received":1}}'),
  text('an escaped name of ours', '{"\\u0064evice":"device-1"}'),
  text('the same key twice', '{"a":1,"a":2}'),
  text('a name of ours twice', '{"device":"device-1","device":"device-2"}'),
  text('__proto__', '{"__proto__":{"device":"device-1"}}'),
  text('constructor', '{"constructor":1,"toString":2}'),
  text('32 levels', nested(30)),
  text('40 levels', nested(40)),
  text('50,000 levels', nested(50_000)),
  text('128 KB in one string', largest('{"a":"', '"}')),
  text('128 KB in one name', largest('{"', '":1}')),
  text('128 KB of small numbers', `{"a":[${Array.from({ length: 60_000 }, () => 1).join()}]}`),
  text('38 digits', '{"a":12345678901234567890123456789012345678}'),
  text('39 digits', '{"a":123456789012345678901234567890123456789}'),
  text('a number too great', '{"a":1e400}'),
  text('a number too small', '{"a":1e-400}'),
  text('NaN', '{"a":NaN}'),
  text('Infinity', '{"a":-Infinity}'),
  text('empty strings', '{"a":"","b":[""]}'),
  text('an empty name', '{"":1}'),
  text('an empty object', '{}'),
  text('an empty array', '[]'),
  text('an array of objects', '[{"device":"device-1"}]'),
  text('an array with our names', '["device","received"]'),
  text('a number', '42'),
  text('a string', '"device"'),
  text('true', 'true'),
  text('null', 'null'),
  text('an object in a string', '"{\\"device\\":\\"device-1\\"}"'),
  text('words', 'hello'),
  text('half an object', '{"a":1'),
  text('a brace', '{'),
  text('text that begins like an object', '{hello'),
  text('false', 'false'),
  text('the number by which text shows itself', '{"00001":"{"}'),
  text('U+FFFD', '{"a":"\u{fffd}"}'),
  text('two objects', '{"a":1}{"device":"device-1"}'),
  text('white space around', ' \r\n\t{"a":1}\n'),
  text('nothing', ''),
  text('a space', ' '),
  text('a byte order mark', '\ufeff{"a":1}'),
  text('half of a surrogate pair', '{"a":"\\ud800"}'),
  text('a zero in a string', '{"a":"\\u0000"}'),
  text('a zero in a name', '{"\\u0000device":1}'),
  { words: 'bytes', payload: new Uint8Array([0xff, 0x00, 0x80]) },
  { words: 'a zero', payload: new Uint8Array([0]) },
  { words: 'half a character in a string', payload: Buffer.from('7b2261223a22e282227d', 'hex') },
  { words: 'invalid UTF-8 in a string', payload: Buffer.from('7b2261223a22ff227d', 'hex') },
  { words: 'invalid UTF-8 in a name', payload: Buffer.from('7b22ff223a317d', 'hex') },
  { words: 'UTF-16', payload: Buffer.from('{"a":1}', 'utf16le') },
];
