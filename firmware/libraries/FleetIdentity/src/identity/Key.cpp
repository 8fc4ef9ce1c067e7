#include "Key.h"

#include <Arduino.h>

namespace fleet {

void writeKeyDer(const PrivateKey& key, uint8_t (&to)[kKeyDerBytes]) {
  static const uint8_t kBefore[] PROGMEM = {0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20};
  // [0] the curve: 1.2.840.10045.3.1.7
  static const uint8_t kBehind[] PROGMEM = {0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  static_assert(sizeof(kBefore) + sizeof(PrivateKey) + sizeof(kBehind) == kKeyDerBytes, "all of it");
  memcpy_P(to, kBefore, sizeof(kBefore));
  memcpy(to + sizeof(kBefore), key, sizeof(key));
  memcpy_P(to + sizeof(kBefore) + sizeof(key), kBehind, sizeof(kBehind));
}

}  // namespace fleet
