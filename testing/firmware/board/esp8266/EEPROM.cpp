#include "EEPROM.h"

#include <stdio.h>

#include "surroundings.h"

EEPROMClass EEPROM;

void EEPROMClass::begin(size_t size) {
  data_.assign(size, 0xff);  // erased flash
  if (FILE* file = fopen(surroundings::setting("FLASH", ""), "rb")) {
    if (fread(data_.data(), 1, size, file) != size) data_.assign(size, 0xff);
    fclose(file);
  }
}

bool EEPROMClass::commit() {
  FILE* file = fopen(surroundings::setting("FLASH", ""), "wb");
  if (file == nullptr) return false;
  const bool written = fwrite(data_.data(), 1, data_.size(), file) == data_.size();
  return fclose(file) == 0 && written;
}
