// Flash that outlives the board's power needs some to be written: a test can cut it at any byte.
#pragma once

#include <stddef.h>

namespace power {

/// Asked before each step of an operation of flash, which erases or programs so many bytes: how many of them are done.
/// True: the power is gone.
bool isOut(size_t done, size_t of);
/// What flash has by then is kept; the program goes no further.
[[noreturn]] void cut();

/// Whether flash takes nothing any more: worn out, or full.
inline bool& full() {
  static bool is = false;
  return is;
}

}  // namespace power
