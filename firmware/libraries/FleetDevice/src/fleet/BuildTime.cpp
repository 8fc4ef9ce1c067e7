#include "BuildTime.h"

#include <stdlib.h>
#include <string.h>

uint32_t fleetBuildTime(const char* date) {
  static const char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const char month[4] = {date[0], date[1], date[2], 0};
  const char* found = strstr(kMonths, month);
  if (found == nullptr) return 0;
  // Years begin in March here, so that the leap day is the last one (Howard Hinnant, "chrono-Compatible Low-Level Date
  // Algorithms", days_from_civil).
  const uint32_t m = static_cast<uint32_t>(found - kMonths) / 3 + 1;
  const uint32_t d = static_cast<uint32_t>(atoi(date + 4));
  const uint32_t y = static_cast<uint32_t>(atoi(date + 7)) - (m <= 2 ? 1 : 0);
  const uint32_t dayOfYear = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  const uint32_t days = y * 365 + y / 4 - y / 100 + y / 400 + dayOfYear - 719468;
  return (days - 1) * 86400;
}
