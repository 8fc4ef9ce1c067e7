#ifdef ESP8266  // PlatformIO compiles every library that a header names, whatever the chip

#include "FleetClock.h"

#include <Arduino.h>
#include <EEPROM.h>
#include <coredecls.h>
#include <sys/time.h>

namespace {

const time_t kFlashEveryS = 24 * 60 * 60;  // flash wears out with writing: once a day lasts for centuries
const uint32_t kMagic = 0x464c5431;

struct GoodTime {
  uint32_t magic;
  uint32_t seconds;
};

GoodTime readGoodTime() {
  GoodTime kept;
  EEPROM.get(0, kept);
  return kept.magic == kMagic ? kept : GoodTime{kMagic, 0};
}

void set(time_t seconds) {
  const timeval now = {seconds, 0};
  settimeofday(&now, nullptr);
}

}  // namespace

void FleetClock::begin(const char* server, const char* otherwise, const char* built) {
  EEPROM.begin(sizeof(GoodTime));
  const time_t builtAt = fleetBuildTime(built);
  const time_t kept = readGoodTime().seconds;
  earliest_ = kept > builtAt ? kept : builtAt;
  set(earliest_);
  settimeofday_cb([this](bool fromSntp) {
    if (!fromSntp) return;
    if (time(nullptr) < earliest_) {
      set(earliest_);  // a wrong answer, or a forged one: time does not run backwards
    } else {
      known_ = true;
    }
  });
  configTime(0, 0, server, otherwise);
}

void FleetClock::loop() {
  if (!known_) return;
  GoodTime kept = readGoodTime();
  const time_t now = time(nullptr);
  if (now - static_cast<time_t>(kept.seconds) < kFlashEveryS) return;
  kept.seconds = static_cast<uint32_t>(now);
  EEPROM.put(0, kept);
  EEPROM.commit();
}

FleetFailure FleetClock::missing() {
  if (!asked_) {
    asked_ = true;
    askedAt_ = millis();
  }
  return known_ || millis() - askedAt_ >= FLEET_NTP_PATIENCE_MS ? FleetFailure() : fleetClockFailure();
}

#endif
