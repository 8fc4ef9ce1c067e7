// Flash whose power a test cuts, and what it wears; over the flash of the chip that this is built for.
#pragma once

#include <stdint.h>

namespace power {

/// Bytes that flash takes before the power is cut; less than 0: it is not.
extern long left;
struct Out {};

/// Does something until the power is cut, after so many bytes. Whether it was.
template <typename Work>
bool isCut(long after, Work work) {
  left = after;
  bool cut = false;
  try {
    work();
  } catch (const Out&) {
    cut = true;
  }
  left = -1;
  return cut;
}

}  // namespace power

/// As a chip comes from the factory: blank, or with anything in it.
void eraseFlash();
void fillFlash(uint32_t seed);
/// Whether sectors are erased from their end, where the chip has sectors.
void eraseInOrder(bool fromTheEnd);
/// Whether nothing stands in an area.
bool isBlank(uint8_t area);
/// How often flash was erased since the last call: sectors of an ESP8266, entries that were changed of an ESP32.
uint32_t wear();
