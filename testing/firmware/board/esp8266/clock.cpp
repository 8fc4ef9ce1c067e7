// The board's clock: 1970 at power-on. The linker leads the sketch's and the shims' time() and settimeofday() here
// (--wrap), so that this machine's own clock stays as it is.

#include <sys/time.h>
#include <time.h>

#include "Arduino.h"
#include "coredecls.h"
#include "surroundings.h"

namespace {

const time_t kAskAgainS = 3600;

time_t atPowerOn = 0;
std::function<void(bool)> callback;
bool sntp = false;
time_t answeredAt = 0;

time_t uptime() {
  return static_cast<time_t>(uptimeMs() / 1000);
}

}  // namespace

extern "C" {

time_t __real_time(time_t* result);

time_t __wrap_time(time_t* result) {
  const time_t now = atPowerOn + uptime();
  if (result != nullptr) *result = now;
  return now;
}

int __wrap_settimeofday(const timeval* now, const struct timezone*) {
  atPowerOn = now->tv_sec - uptime();
  if (callback) callback(false);
  return 0;
}
}

void settimeofday_cb(std::function<void(bool)> called) {
  callback = std::move(called);
}
void configTime(int, int, const char*, const char*) {
  sntp = true;
}

// SNTP asks by itself.
void background() {
  const char* ntp = surroundings::ntp();
  if (!sntp || strcmp(ntp, "off") == 0 || (answeredAt != 0 && uptime() - answeredAt < kAskAgainS)) return;
  answeredAt = uptime() + 1;
  atPowerOn = (strcmp(ntp, "forged") == 0 ? 1000000000 : __real_time(nullptr)) - uptime();
  if (callback) callback(true);
}
