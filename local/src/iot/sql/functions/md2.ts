// MD2 (RFC 1319) by hand: node:crypto has what OpenSSL is built with, and it is built without MD2.

/** The permutation of the bytes that RFC 1319 takes from the digits of pi. */
const substitution = Buffer.from(
  '292e43c9a2d87c013d3654a1ecf0061362a705f3c0c7738c98932bd9bc4c82ca1e9b573cfdd4e01667426f188a17e512' +
    'be4ec4d6da9ede49a0fbf58ebb2fee7aa968799115b2073f94c210890b225f21807f5d9a5a903227353ecce7bff79703' +
    'ff1930b348a5b5d1d75e922aac56aac64fb838d296a47db676fc6be29c7404f1459d705964718720865bcf65e62da802' +
    '1b6025adaeb0b9f61c46616934407e0f5547a323dd51af3ac35cf9cebac5ea262c530d6e85288409d3dfcdf441814d52' +
    '6adc37c86cc1abfa24e17b080cbdb14a7888958be363e86de9cbd5fe3b001d39f2efb70e6658d0e4a67772f8eb754b0a' +
    '314450b48fed1f1adb998d339f118314',
  'hex',
);
const blockSize = 16;
const stateSize = 3 * blockSize;
const rounds = 18;

/** The MD2 hash of RFC 1319, which OpenSSL no longer has. */
export function md2(bytes: Uint8Array): Buffer {
  const padding = blockSize - (bytes.length % blockSize);
  const padded = Buffer.concat([bytes, Buffer.alloc(padding, padding)]);
  const message = Buffer.concat([padded, checksum(padded)]);
  const state = Buffer.alloc(stateSize);
  for (let start = 0; start < message.length; start += blockSize) {
    compress(state, message.subarray(start, start + blockSize));
  }
  return state.subarray(0, blockSize);
}

function checksum(padded: Buffer): Buffer {
  const sum = Buffer.alloc(blockSize);
  let last = 0;
  for (const [i, byte] of padded.entries()) {
    last = at(sum, i % blockSize) ^ at(substitution, byte ^ last);
    sum[i % blockSize] = last;
  }
  return sum;
}

function compress(state: Buffer, block: Buffer): void {
  for (const [i, byte] of block.entries()) {
    state[blockSize + i] = byte;
    state[2 * blockSize + i] = byte ^ at(state, i);
  }
  let carry = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < stateSize; i += 1) {
      carry = at(state, i) ^ at(substitution, carry);
      state[i] = carry;
    }
    carry = (carry + round) % 256;
  }
}

const at = (bytes: Buffer, index: number): number => bytes[index] ?? 0;
