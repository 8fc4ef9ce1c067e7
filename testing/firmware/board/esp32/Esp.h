#pragma once

#include "surroundings.h"

#define RTC_DATA_ATTR SURVIVES_SLEEP

/// Simulated: this machine's heap says nothing about the chip's.
class EspClass {
 public:
  uint32_t getFreeHeap() { return 200000; }
  uint32_t getMinFreeHeap() { return 150000; }
  /// The program begins anew.
  void restart() { surroundings::restart(); }
};
extern EspClass ESP;
