#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fleet {

/**
 * Four areas of flash that only this library writes. On an ESP8266 they are the last four sectors of what is set apart
 * for a file system (Tools > Flash Size), or those at FLEET_IDENTITY_FLASH; on an ESP32 they are entries of NVS, so
 * that its encryption counts for them as well.
 *
 * As in the chip's flash: erase() sets all bits, write() clears some, and a power cut can leave either half done.
 */
class Flash {
 public:
  static const uint8_t kAreas = 4;
  static const size_t kAreaBytes = 4096;

  enum class Room : uint8_t { Enough, None, FileSystem };
  /// Whether the areas are there, and nobody else's.
  static Room begin();

  static bool erase(uint8_t area);
  /// Offset and size are multiples of 4.
  static bool write(uint8_t area, size_t offset, const void* bytes, size_t size);
  static bool read(uint8_t area, size_t offset, void* bytes, size_t size);
};

}  // namespace fleet
