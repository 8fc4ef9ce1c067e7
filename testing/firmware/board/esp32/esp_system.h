#pragma once

#include "surroundings.h"

enum esp_reset_reason_t { ESP_RST_POWERON = 1, ESP_RST_DEEPSLEEP = 8 };
inline esp_reset_reason_t esp_reset_reason() {
  return *surroundings::setting("WOKEN", "") == 0 ? ESP_RST_POWERON : ESP_RST_DEEPSLEEP;
}
