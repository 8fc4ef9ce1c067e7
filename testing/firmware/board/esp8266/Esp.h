#pragma once

#include "surroundings.h"

/// Simulated: this machine's heap says nothing about the chip's.
class EspClass {
 public:
  uint32_t getFreeHeap() { return 40000; }
  String getResetReason() { return surroundings::setting("WOKEN", "").empty() ? "Power On" : "Deep-Sleep Wake"; }
  /// 512 bytes that outlive a sleep, by numbers of words.
  bool rtcUserMemoryRead(uint32_t offset, uint32_t* data, size_t size);
  bool rtcUserMemoryWrite(uint32_t offset, uint32_t* data, size_t size);
  void deepSleep(uint64_t us) { surroundings::deepSleep(us); }
};
extern EspClass ESP;
