#include "power.h"

#include <Arduino.h>
#include <identity/Flash.h>

#include "surroundings.h"
#ifdef ESP32
#include <Preferences.h>
#endif

EspClass ESP;

const char* surroundings::setting(const char*, const char* otherwise) {
  return otherwise;
}

namespace power {

long left = -1;

bool isOut(size_t, size_t) {
  return left >= 0 && left-- == 0;
}

void cut() {
  throw Out();
}

}  // namespace power

bool isBlank(uint8_t area) {
  uint8_t bytes[fleet::Flash::kAreaBytes];
  fleet::Flash::read(area, 0, bytes, sizeof(bytes));
  for (const uint8_t byte : bytes) {
    if (byte != 0xff) return false;
  }
  return true;
}

#ifdef ESP8266

static const size_t kBytes = NorFlash::kSectors * NorFlash::kSectorBytes;

void eraseFlash() {
  memset(NorFlash::bytes(), 0xff, kBytes);
}

void fillFlash(uint32_t seed) {
  uint8_t* bytes = NorFlash::bytes();
  for (size_t i = 0; i < kBytes; i++) bytes[i] = static_cast<uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
}

void eraseInOrder(bool fromTheEnd) {
  NorFlash::fromTheEnd = fromTheEnd;
}

uint32_t wear() {
  uint32_t sum = 0;
  for (uint32_t& sector : NorFlash::erased) {
    sum += sector;
    sector = 0;
  }
  return sum;
}

#else

void eraseFlash() {
  Preferences::eraseFlash();
}

// Another program's entries are not in the way; of ours, the worst is anything in all of an area.
void fillFlash(uint32_t seed) {
  eraseFlash();
  uint8_t bytes[fleet::Flash::kAreaBytes];
  for (uint8_t area = 0; area < fleet::Flash::kAreas; area++) {
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
    fleet::Flash::write(area, 0, bytes, sizeof(bytes));
  }
}

void eraseInOrder(bool) {}

uint32_t wear() {
  const uint32_t changes = Preferences::changes;
  Preferences::changes = 0;
  return changes;
}

#endif
