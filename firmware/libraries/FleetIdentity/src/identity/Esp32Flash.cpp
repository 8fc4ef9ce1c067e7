#ifdef ESP32

#include <Arduino.h>
#include <Preferences.h>

#include "Flash.h"

namespace fleet {

namespace {

/// An area is so many entries, made when something is written into them. NVS takes an entry and some for each 32 bytes.
const size_t kBlockBytes = 256;

Preferences store;

struct Key {
  Key(uint8_t area, size_t block) { snprintf(text, sizeof(text), "%u-%02u", area, static_cast<unsigned>(block)); }
  char text[16];  // NVS takes keys of 15 characters
};

bool readBlock(const Key& key, uint8_t (&block)[kBlockBytes]) {
  memset(block, 0xff, sizeof(block));
  return !store.isKey(key.text) || store.getBytes(key.text, block, sizeof(block)) == sizeof(block);
}

/// Calls what is given for each block that a part of an area lies in: with its key, the offset in it, the place in the
/// whole, and a size.
template <typename Visit>
bool everyBlock(uint8_t area, size_t offset, size_t size, Visit visit) {
  for (size_t done = 0; done < size;) {
    const size_t skip = (offset + done) % kBlockBytes;
    const size_t step = size - done < kBlockBytes - skip ? size - done : kBlockBytes - skip;
    if (!visit(Key(area, (offset + done) / kBlockBytes), skip, done, step)) return false;
    done += step;
  }
  return true;
}

}  // namespace

Flash::Room Flash::begin() {
  return store.begin("fleet-identity") ? Room::Enough : Room::None;
}

bool Flash::erase(uint8_t area) {
  return everyBlock(area, 0, kAreaBytes, [](const Key& key, size_t, size_t, size_t) {
    return !store.isKey(key.text) || store.remove(key.text);
  });
}

bool Flash::write(uint8_t area, size_t offset, const void* bytes, size_t size) {
  return everyBlock(area, offset, size, [bytes](const Key& key, size_t skip, size_t done, size_t step) {
    uint8_t block[kBlockBytes];
    if (!readBlock(key, block)) return false;
    for (size_t i = 0; i < step; i++) block[skip + i] &= static_cast<const uint8_t*>(bytes)[done + i];
    return store.putBytes(key.text, block, sizeof(block)) == sizeof(block);
  });
}

bool Flash::read(uint8_t area, size_t offset, void* bytes, size_t size) {
  return everyBlock(area, offset, size, [bytes](const Key& key, size_t skip, size_t done, size_t step) {
    uint8_t block[kBlockBytes];
    if (!readBlock(key, block)) return false;
    memcpy(static_cast<uint8_t*>(bytes) + done, block + skip, step);
    return true;
  });
}

}  // namespace fleet

#endif
