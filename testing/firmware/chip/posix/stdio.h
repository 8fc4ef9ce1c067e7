#pragma once

#include_next <stdio.h>

extern "C" int dprintf(int descriptor, const char* format, ...) __attribute__((format(printf, 2, 3)));
