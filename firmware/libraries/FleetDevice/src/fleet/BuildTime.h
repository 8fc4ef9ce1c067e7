#pragma once

#include <stdint.h>

/**
 * When the firmware was built, in seconds since 1970, less a day: the compiler writes the time of its own time zone.
 * The clock cannot rightly be before this.
 *
 * @param date `__DATE__`, for example "Nov 24 2026"
 */
uint32_t fleetBuildTime(const char* date);
