#include "Sleep.h"

#ifdef ESP32
#include <esp_sleep.h>
#endif

namespace fleet {

namespace {

#ifdef ESP8266

/// 512 bytes of RTC memory are the user's, in words; an update over the air takes the first 128 (Esp.h).
const uint32_t kFirstWord = 32;
struct Memory {
  uint32_t sleptMs;
  BearSSL::Session session;
  uint8_t readings[384 - sizeof(uint32_t) - sizeof(BearSSL::Session)];
};
static_assert(sizeof(Memory) == 384, "as much as there is");

uint32_t* words(Memory& memory) {
  return reinterpret_cast<uint32_t*>(&memory);
}

#else

struct Memory {
  uint32_t sleptMs;
  uint8_t readings[FLEET_RING_BYTES + 16];
};
static_assert(sizeof(Memory) <= 7 * 1024, "the ESP32 has 8 KB of memory that outlives a sleep");
RTC_DATA_ATTR Memory memory;

#endif

}  // namespace

#ifdef ESP8266

void sleepWith(const FleetDevice& device, const Tls& tls, uint32_t ms) {
  Memory memory;
  memory.sleptMs = ms;
  memory.session = tls.session();
  device.keep(memory.readings, sizeof(memory.readings));
  ESP.rtcUserMemoryWrite(kFirstWord, words(memory), sizeof(memory));
  ESP.deepSleep(ms * 1000ull);
}

bool resumeAfterSleep(FleetDevice& device, Tls& tls) {
  Memory memory;
  ESP.rtcUserMemoryRead(kFirstWord, words(memory), sizeof(memory));
  const bool resumed = device.resume(memory.readings, sizeof(memory.readings), memory.sleptMs);
  if (resumed) tls.setResumed(memory.session);
  memory.sleptMs = 0;
  memset(memory.readings, 0, sizeof(memory.readings));  // a restart before the next sleep finds nothing of this one
  ESP.rtcUserMemoryWrite(kFirstWord, words(memory), sizeof(memory));
  return resumed;
}

#else

void sleepWith(const FleetDevice& device, const Tls&, uint32_t ms) {
  memory.sleptMs = ms;
  device.keep(memory.readings, sizeof(memory.readings));
  esp_deep_sleep(ms * 1000ull);
}

bool resumeAfterSleep(FleetDevice& device, Tls&) {
  const bool resumed = device.resume(memory.readings, sizeof(memory.readings), memory.sleptMs);
  memset(memory.readings, 0, sizeof(memory.readings));
  return resumed;
}

#endif

}  // namespace fleet
