#include "Pem.h"

namespace fleet {

namespace {

char digit(uint32_t six) {
  six &= 63;
  return static_cast<char>(six < 26   ? 'A' + six
                           : six < 52 ? 'a' + six - 26
                           : six < 62 ? '0' + six - 52
                           : six < 63 ? '+'
                                      : '/');
}

}  // namespace

void writePem(Print& out, const __FlashStringHelper* label, const uint8_t* der, size_t size, const char* lineEnd) {
  out.print(F("-----BEGIN "));
  out.print(label);
  out.print(F("-----"));
  for (size_t at = 0; at < size; at += 3) {
    if (at % 48 == 0) out.print(lineEnd);
    const size_t left = size - at;
    const uint32_t bits = static_cast<uint32_t>(der[at] << 16) |
                          static_cast<uint32_t>(left > 1 ? der[at + 1] << 8 : 0) | (left > 2 ? der[at + 2] : 0u);
    const char quantum[] = {digit(bits >> 18), digit(bits >> 12), left > 1 ? digit(bits >> 6) : '=',
                            left > 2 ? digit(bits) : '=', 0};
    out.print(quantum);
  }
  out.print(lineEnd);
  out.print(F("-----END "));
  out.print(label);
  out.print(F("-----"));
  out.print(lineEnd);
}

}  // namespace fleet
