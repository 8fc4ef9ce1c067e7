#pragma once

#include <Arduino.h>

namespace fleet {

/// Writes DER from the end of a buffer to its beginning, so that the length of everything is known when it is written.
/// By hand: BearSSL writes no certificate signing request; on the ESP32 mbedTLS does.
class DerWriter {
 public:
  DerWriter(uint8_t* buffer, size_t room) : begin_(buffer + room), end_(begin_), left_(room) {}

  /// False once something did not fit.
  bool fits() const { return fits_; }
  const uint8_t* begin() const { return begin_; }
  size_t size() const { return static_cast<size_t>(end_ - begin_); }

  void byte(uint8_t value) {
    if (uint8_t* at = before(1)) *at = value;
  }
  void bytes(const void* from, size_t count) {
    if (uint8_t* at = before(count)) memcpy(at, from, count);
  }
  void flash(const uint8_t* from, size_t count) {
    if (uint8_t* at = before(count)) memcpy_P(at, from, count);
  }
  /// Tag and length of what was written before; up to 65,535 bytes.
  void head(uint8_t tag, size_t length) {
    byte(static_cast<uint8_t>(length));
    if (length > 0xff) byte(static_cast<uint8_t>(length >> 8));
    if (length > 0x7f) byte(length > 0xff ? 0x82 : 0x81);
    byte(tag);
  }

 private:
  uint8_t* begin_;
  uint8_t* end_;
  size_t left_;
  bool fits_ = true;

  uint8_t* before(size_t count) {
    fits_ = fits_ && count <= left_;
    if (!fits_) return nullptr;
    left_ -= count;
    return begin_ -= count;
  }
};

}  // namespace fleet
