#pragma once

#include <Arduino.h>

namespace fleet {

/// Prints into an array.
class TextPrint : public Print {
 public:
  TextPrint(char* to, size_t room) : to_(to), left_(room - 1) { *to = 0; }
  size_t write(uint8_t byte) override {
    if (left_ == 0) return 0;
    left_--;
    *to_++ = static_cast<char>(byte);
    *to_ = 0;
    return 1;
  }

 private:
  char* to_;
  size_t left_;
};

/// The name of a thing or a topic of a device.
void writeName(char* to, size_t room, const char* root, const char* device, const char* rest);
template <size_t Size>
void writeName(char (&to)[Size], const char* root, const char* device, const char* rest) {
  writeName(to, Size, root, device, rest);
}

}  // namespace fleet
