/** What is fuzzed, a C++ file each, and inputs to begin with: one of each kind that a broker sends. */
export const TARGETS = {
  packets: {
    source: 'packets.cpp',
    seeds: [
      '\xff\x10\x20\x02\x00\x00\x90\x03\xff\xff\x01\x40\x02\x00\x01\xd0\x00',
      '\x40\x00\x32\x0f\x00\x09cmd/box/x\x00\x07hi',
      '\x08\x02\x32\x80\x04\x00\x09cmd/box/x\x00\x07',
    ],
  },
  command: {
    source: 'command.cpp',
    seeds: [
      '{"relay":true}',
      '{"a":[1,{"relay":true}],"b":"\\"","relay" : false }',
      '{"":false}',
      '{"relay":true,"r\\u0065lay":false,"\\u00e9":true,"x":-1.5e+3,"y":[null,{}]}',
    ],
  },
  answer: {
    source: 'answer.cpp',
    seeds: [
      '{"certificateOwnershipToken":"eyJ2","certificateId":"a1b2","certificatePem":"-----BEGIN CERTIFICATE-----\\nMIID\\n"}',
      ' {"statusCode":403,"errorCode":"AccessDenied","errorMessage":"\\u00e9\\/\\"", "x":{"y":["}",{}],"z":null}, "":""}\n',
      '{"deviceConfiguration":{},"thingName":"kitchen-sensor"}',
    ],
  },
  session: {
    source: 'session.cpp',
    seeds: [
      // CONNACK, SUBACK, a reading and its PUBACK, a command, PINGREQ and PINGRESP
      '\x00\x04\x20\x02\x00\x00\x00\x05\x90\x03\xff\xff\x01\x01\x05\x00\x04\x40\x02\x00\x01' +
        '\x00\x11\x32\x0f\x00\x09cmd/box/x\x00\x07hi\x02\x10\x00\x02\xd0\x00',
      // readings before the connection, a drop, the session again, PUBACKs out of order
      '\x01\x20\x01\x20\x00\x04\x20\x02\x00\x00\x00\x05\x90\x03\xff\xff\x01\x03\x00\x02\x11\x00\x04\x20\x02\x01\x00' +
        '\x00\x04\x40\x02\x00\x02\x00\x04\x40\x02\x00\x01',
      // an oversize command in small pieces, a connection that takes nothing any more
      '\x00\x04\x20\x02\x00\x00\x04\x03\x00\x10\x32\xff\x7f\x00\x09cmd/box/x\x00\x05\x07\x01\xff\x01\xff',
    ],
  },
} as const;

export type Target = keyof typeof TARGETS;
