#ifdef ESP8266

#include <Arduino.h>
#include <flash_hal.h>

#include "Flash.h"

namespace fleet {

namespace {

#ifdef FLEET_IDENTITY_FLASH
uint32_t start() {
  return FLEET_IDENTITY_FLASH;
}
#else
uint32_t start() {
  return FS_PHYS_ADDR + FS_PHYS_SIZE - Flash::kAreas * Flash::kAreaBytes;
}

/// Where a LittleFS begins with its name (its SPEC.md, "Superblock"): in one of its first two blocks.
const size_t kNameAt = 8;
bool isLittleFs(uint32_t block) {
  uint32_t name[2];
  return ESP.flashRead(block + kNameAt, name, sizeof(name)) && memcmp(name, "littlefs", sizeof(name)) == 0;
}
#endif

uint32_t addressOf(uint8_t area, size_t offset) {
  return start() + area * Flash::kAreaBytes + offset;
}

}  // namespace

Flash::Room Flash::begin() {
#ifndef FLEET_IDENTITY_FLASH
  if (FS_PHYS_SIZE < kAreas * kAreaBytes) return Room::None;
  if (isLittleFs(FS_PHYS_ADDR) || isLittleFs(FS_PHYS_ADDR + FS_PHYS_BLOCK)) return Room::FileSystem;
#endif
  return Room::Enough;
}

bool Flash::erase(uint8_t area) {
  return ESP.flashEraseSector(addressOf(area, 0) / kAreaBytes);
}

bool Flash::write(uint8_t area, size_t offset, const void* bytes, size_t size) {
  uint32_t words[16];  // aligned, as the chip wants it
  for (size_t done = 0; done < size;) {
    const size_t step = size - done < sizeof(words) ? size - done : sizeof(words);
    memcpy(words, static_cast<const uint8_t*>(bytes) + done, step);
    if (!ESP.flashWrite(addressOf(area, offset + done), words, step)) return false;
    done += step;
  }
  return true;
}

bool Flash::read(uint8_t area, size_t offset, void* bytes, size_t size) {
  uint32_t words[16];
  for (size_t done = 0; done < size;) {
    const size_t at = (offset + done) & ~size_t{3};
    const size_t skip = offset + done - at;
    const size_t room = sizeof(words) - skip;
    const size_t step = size - done < room ? size - done : room;
    if (!ESP.flashRead(addressOf(area, at), words, (skip + step + 3) & ~size_t{3})) return false;
    memcpy(static_cast<uint8_t*>(bytes) + done, reinterpret_cast<uint8_t*>(words) + skip, step);
    done += step;
  }
  return true;
}

}  // namespace fleet

#endif
