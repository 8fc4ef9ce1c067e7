// Flash that outlives the board's power needs some to be written: a test can cut it at any byte.
#pragma once

namespace power {

/// Asked before each byte that flash erases or programs; true: the power is gone.
bool isOut();
/// What flash has by then is kept; the program goes no further.
[[noreturn]] void cut();

}  // namespace power
