#include "NorFlash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <string>

#include "power.h"
#include "surroundings.h"

uint32_t NorFlash::size = kSectors * kSectorBytes;
uint32_t NorFlash::erased[kSectors];
bool NorFlash::fromTheEnd = false;

namespace {

uint8_t image[NorFlash::kSectors * NorFlash::kSectorBytes];

std::string fileName() {
  const std::string flash = surroundings::setting("FLASH", "");
  return flash.empty() ? "" : flash + ".nor";
}

void save() {
  if (fileName().empty()) return;
  FILE* file = fopen(fileName().c_str(), "r+b");  // whoever looks at it meanwhile sees all of it
  if (file == nullptr) file = fopen(fileName().c_str(), "wb");
  if (file != nullptr) {
    fwrite(image, 1, sizeof(image), file);
    fclose(file);
  }
}

/// The place of an address; null when there is none for so much, or when it is not that of a word.
uint8_t* placeOf(uint32_t address, const uint32_t* words, size_t size) {
  const bool aligned = address % 4 == 0 && size % 4 == 0 && reinterpret_cast<uintptr_t>(words) % 4 == 0;
  if (!aligned || address < NorFlash::kStart || address - NorFlash::kStart + size > sizeof(image)) return nullptr;
  return NorFlash::bytes() + (address - NorFlash::kStart);
}

/// Before each byte that changes.
void spend(size_t done, size_t of) {
  if (!power::isOut(done, of)) return;
  save();
  power::cut();
}

}  // namespace

uint8_t* NorFlash::bytes() {
  static bool loaded = false;
  if (!loaded) {
    loaded = true;
    memset(image, 0xff, sizeof(image));
    if (FILE* file = fopen(fileName().c_str(), "rb")) {
      if (fread(image, 1, sizeof(image), file) != sizeof(image)) memset(image, 0xff, sizeof(image));
      fclose(file);
    }
  }
  return image;
}

bool NorFlash::erase(uint32_t sector) {
  uint8_t* at = placeOf(sector * kSectorBytes, nullptr, kSectorBytes);
  if (at == nullptr || power::full()) return false;
  erased[(at - image) / kSectorBytes]++;
  if (write(3, "erase\n", 6) < 0) errno = 0;  // nobody counts
  for (size_t i = 0; i < kSectorBytes; i++) {
    spend(i, kSectorBytes);
    at[fromTheEnd ? kSectorBytes - 1 - i : i] = 0xff;
  }
  save();
  return true;
}

bool NorFlash::program(uint32_t address, const uint32_t* words, size_t size) {
  uint8_t* at = placeOf(address, words, size);
  if (at == nullptr || power::full()) return false;
  const auto* bytes = reinterpret_cast<const uint8_t*>(words);
  for (size_t i = 0; i < size; i++) {
    spend(i, size);
    at[i] &= bytes[i];
  }
  save();
  return true;
}

bool NorFlash::read(uint32_t address, uint32_t* words, size_t size) {
  const uint8_t* at = placeOf(address, words, size);
  if (at == nullptr) return false;
  memcpy(words, at, size);
  return true;
}
