#pragma once

#include <Arduino.h>

#include "Slots.h"

namespace fleet {

/// Writes text into the body of a slot, byte by byte as it comes.
class SlotTextWriter {
 public:
  /// @param offset in the body, a multiple of 4
  void begin(Slots& slots, uint8_t slot, size_t offset, size_t room);
  /// What does not fit, or is not kept, makes finish() say so.
  void put(char byte);
  /// Writes what is left. False when not all of it is in flash.
  bool finish();
  size_t length() const { return length_; }
  uint32_t sum() const { return sum_; }

 private:
  Slots* slots_ = nullptr;
  uint8_t slot_ = 0;
  bool kept_ = false;
  size_t offset_ = 0;
  size_t room_ = 0;
  size_t length_ = 0;
  uint32_t sum_ = 0;
  uint8_t chunk_[64];

  void flush(size_t size);
};

/// Reads it again; the core's TLS takes a certificate from a stream.
class SlotTextStream : public Stream {
 public:
  void begin(const Slots& slots, uint8_t slot, size_t offset, size_t length);
  int available() override { return static_cast<int>(length_ - at_); }
  int read() override;
  int peek() override;
  size_t write(uint8_t) override { return 0; }

 private:
  const Slots* slots_ = nullptr;
  uint8_t slot_ = 0;
  size_t offset_ = 0;
  size_t length_ = 0;
  size_t at_ = 0;
};

}  // namespace fleet
