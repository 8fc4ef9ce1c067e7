#pragma once

/// Simulated: this machine's heap says nothing about the chip's.
class EspClass {
 public:
  uint32_t getFreeHeap() { return 40000; }
  String getResetReason() { return "Power On"; }
};
extern EspClass ESP;
