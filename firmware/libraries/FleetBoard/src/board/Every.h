#pragma once

#include <Arduino.h>

/// Due at once, and then again each time so many milliseconds have passed.
class FleetEvery {
 public:
  explicit FleetEvery(uint32_t ms) : everyMs_(ms) {}

  bool due() {
    const uint32_t now = millis();
    if (begun_ && now - lastAt_ < everyMs_) return false;
    begun_ = true;
    lastAt_ = now;
    return true;
  }

 private:
  uint32_t everyMs_;
  uint32_t lastAt_ = 0;
  bool begun_ = false;
};
