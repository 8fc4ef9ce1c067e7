// Flash as the chip has it: erasing sets the bits of a sector, programming clears some of a word's.
#pragma once

#include <stddef.h>
#include <stdint.h>

class NorFlash {
 public:
  static const uint32_t kStart = 0x200000;
  static const uint32_t kSectorBytes = 4096;
  static const uint32_t kSectors = 8;

  /// Of what is set apart for a file system. A test can say that it is less.
  static uint32_t size;
  /// What stands there: of the file BOARD_FLASH with `.nor` behind its name, or erased at every start.
  static uint8_t* bytes();
  /// How often each sector was erased.
  static uint32_t erased[kSectors];

  /// Whether erase() goes from the end to the beginning: a chip promises no order, which shows when it is cut.
  static bool fromTheEnd;

  static bool erase(uint32_t sector);
  static bool program(uint32_t address, const uint32_t* words, size_t size);
  static bool read(uint32_t address, uint32_t* words, size_t size);
};
