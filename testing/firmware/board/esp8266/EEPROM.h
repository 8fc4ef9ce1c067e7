#pragma once

#include <stddef.h>
#include <string.h>

#include <vector>

/// Flash that outlives the board's power: the file BOARD_FLASH.
class EEPROMClass {
 public:
  void begin(size_t size);
  bool commit();
  template <typename T>
  T& get(int address, T& value) {
    memcpy(&value, data_.data() + address, sizeof(T));
    return value;
  }
  template <typename T>
  const T& put(int address, const T& value) {
    memcpy(data_.data() + address, &value, sizeof(T));
    return value;
  }

 private:
  std::vector<unsigned char> data_;
};
extern EEPROMClass EEPROM;
