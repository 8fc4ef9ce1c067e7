#pragma once

#include_next <time.h>

#ifndef CLOCK_MONOTONIC
#define CLOCK_MONOTONIC 1
#endif
extern "C" int clock_gettime(clockid_t clock, struct timespec* now);
