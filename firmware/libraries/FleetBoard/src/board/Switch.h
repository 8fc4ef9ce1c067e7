#pragma once

#include <Arduino.h>

/// A switch between a pin and ground. It counts as switched once it has been so for a while: contacts bounce.
class FleetSwitch {
 public:
  explicit FleetSwitch(uint8_t pin, uint32_t steadyMs = 100) : pin_(pin), steadyMs_(steadyMs) {}

  void begin() { pinMode(pin_, INPUT_PULLUP); }

  /// Whether it was switched since the last call.
  bool changed() {
    const bool open = digitalRead(pin_) == HIGH;
    if (open == open_) steadySince_ = millis();
    if (millis() - steadySince_ < steadyMs_) return false;
    open_ = open;
    steadySince_ = millis();
    return true;
  }

  /// Before the first change: false.
  bool open() const { return open_; }

 private:
  uint8_t pin_;
  bool open_ = false;
  uint32_t steadyMs_;
  uint32_t steadySince_ = 0;
};
