#pragma once

#include <unistd.h>

#include "NorFlash.h"
#include "surroundings.h"

/// Simulated: this machine's heap says nothing about the chip's.
class EspClass {
 public:
  uint32_t getFreeHeap() { return 40000; }
  String getResetReason() { return *surroundings::setting("WOKEN", "") == 0 ? "Power On" : "Deep-Sleep Wake"; }
  /// 512 bytes that outlive a sleep, by numbers of words.
  bool rtcUserMemoryRead(uint32_t offset, uint32_t* data, size_t size);
  bool rtcUserMemoryWrite(uint32_t offset, uint32_t* data, size_t size);
  bool flashEraseSector(uint32_t sector) { return NorFlash::erase(sector); }
  bool flashWrite(uint32_t address, const uint32_t* words, size_t size) {
    return NorFlash::program(address, words, size);
  }
  bool flashRead(uint32_t address, uint32_t* words, size_t size) { return NorFlash::read(address, words, size); }
  /// Of the chip's generator of random numbers.
  uint8_t* random(uint8_t* bytes, size_t size) {
    return getentropy(bytes, size) == 0 ? bytes : nullptr;
  }
  void restart() { surroundings::restart(); }
  void deepSleep(uint64_t us) { surroundings::deepSleep(us); }
};
extern EspClass ESP;
