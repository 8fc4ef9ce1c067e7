// The chip's heap: how much of it is in use, in the blocks of umm_malloc, which the ESP8266's core uses.
#pragma once

#include <stddef.h>

/// Bytes in use, headers and rounding included.
extern size_t heapInUse;
/// The most that was in use since it was set.
extern size_t heapPeak;
/// What an allocation of a size takes.
size_t heapTaken(size_t size);
