// The core's way to NVS, whose entries outlive the board's power: the file BOARD_FLASH with `.nvs` behind its name.
#pragma once

#include <stddef.h>
#include <stdint.h>

class Preferences {
 public:
  bool begin(const char* name, bool readOnly = false);
  bool isKey(const char* key);
  size_t putBytes(const char* key, const void* bytes, size_t size);
  size_t getBytes(const char* key, void* bytes, size_t size);
  bool remove(const char* key);

  /// All is gone, as after the whole flash was erased.
  static void eraseFlash();
  /// Bytes that putBytes() was given, and how often it and remove() changed something.
  static uint32_t written, changes;
};
