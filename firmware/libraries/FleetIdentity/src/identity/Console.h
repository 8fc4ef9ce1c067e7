#pragma once

#include <Arduino.h>

#include "Stored.h"

namespace fleet {

/// Takes lines from the serial port, from any terminal, and understands those that tell a board who it is.
class Console {
 public:
  enum class Heard : uint8_t { Nothing, Wifi, Enrol };

  /// Looks whether a line is there; what it says goes into the settings. It answers on the serial port, but for codes
  /// and passwords.
  Heard listen(StoredSettings& settings);

 private:
  char line_[288];
  size_t length_ = 0;
  bool tooLong_ = false;

  Heard obey(StoredSettings& settings);
};

}  // namespace fleet
