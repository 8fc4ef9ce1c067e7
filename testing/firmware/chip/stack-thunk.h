// The ESP8266's core runs BearSSL on a second stack of its own, taken from the heap: so does this.
#pragma once

#include <stddef.h>

/// As in the core.
const size_t kTlsStackBytes = 6200;

/// Takes the stack from the heap. BearSSL may be used from then on.
void takeTlsStack();
/// Paints all of it, so that its use is seen.
void paintTlsStack();
/// The most bytes of it that were in use since it was painted.
size_t tlsStackUsed();
