// Flash that outlives the board's power needs some to be written: a test can cut it at any byte.
#pragma once

namespace power {

/// Asked before each byte that flash erases or programs; true: the power is gone.
bool isOut();
/// What flash has by then is kept; the program goes no further.
[[noreturn]] void cut();

/// Whether flash takes nothing any more: worn out, or full.
inline bool& full() {
  static bool is = false;
  return is;
}

}  // namespace power
