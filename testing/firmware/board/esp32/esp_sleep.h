#pragma once

#include "surroundings.h"

[[noreturn]] inline void esp_deep_sleep(uint64_t us) {
  surroundings::deepSleep(us);
}
