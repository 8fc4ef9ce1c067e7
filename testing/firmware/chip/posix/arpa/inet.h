#pragma once

#include <stdint.h>

// The lx106 is little-endian.
inline uint32_t htonl(uint32_t number) {
  return __builtin_bswap32(number);
}
inline uint16_t htons(uint16_t number) {
  return __builtin_bswap16(number);
}
