// Runs a sketch until it is ended. Serial goes to the standard output; pins go to descriptor 3, "pin 5 1 at 60000", by
// uptimeMs(), and so do "reading 7 at 60000", and "uptime 60000" when the board begins to hurry and when it ends that.

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "Arduino.h"
#include "surroundings.h"

HardwareSerial Serial;

size_t HardwareSerial::write(const uint8_t* bytes, size_t count) {
  fwrite(bytes, 1, count, stdout);
  fflush(stdout);
  return count;
}

int HardwareSerial::available() {
  return surroundings::typed();
}

int HardwareSerial::read() {
  return surroundings::readTyped();
}

// In a hurry, time stands still but for delay(), where so many times as much of it passes, and without waiting.
static uint32_t hurry = 0;
static uint64_t hurriedMs = 0;  // the time that it is then
static uint64_t aheadMs = 0;    // of this machine's clock, afterwards

uint64_t uptimeMs() {
  if (hurry > 0) return hurriedMs;
  // BOARD_UPTIME: how long the board has been up already, in milliseconds.
  static const uint64_t before = strtoull(surroundings::setting("UPTIME", "0"), nullptr, 10);
  static uint64_t startedAt = 0;
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const uint64_t ms = static_cast<uint64_t>(now.tv_sec) * 1000 + static_cast<uint64_t>(now.tv_nsec) / 1000000;
  if (startedAt == 0) startedAt = ms;
  return before + aheadMs + ms - startedAt;
}

uint32_t millis() {
  return static_cast<uint32_t>(uptimeMs());
}

static bool settingUp = true;  // setup() may wait for what a person types

void yield() {
  if (settingUp && (surroundings::ended() || getppid() == 1)) exit(0);
  surroundings::listen();
  background();
}

void surroundings::setHurry(uint32_t times) {
  const uint64_t now = uptimeMs();
  hurry = 0;
  aheadMs += now - uptimeMs();
  hurriedMs = now;
  hurry = times;
  dprintf(3, "uptime %llu\n", static_cast<unsigned long long>(now));
}

void surroundings::pass(uint32_t ms) {
  if (hurry > 0) hurriedMs += ms;
}

uint32_t publishEveryMs() {
  return static_cast<uint32_t>(strtoul(surroundings::setting("EVERY", "40"), nullptr, 10));
}

void delay(uint32_t ms) {
  if (hurry > 0)
    hurriedMs += static_cast<uint64_t>(ms) * hurry;
  else
    usleep(ms * 1000);
  yield();
}

long random(long howBig) {
  // BOARD_BACKOFF=none: by chance, it always tries again at once.
  static const bool zero = strcmp(surroundings::setting("BACKOFF", ""), "none") == 0;
  uint32_t number;
  if (howBig <= 0 || zero || getentropy(&number, sizeof(number)) != 0) return 0;
  return static_cast<long>(number % static_cast<unsigned long>(howBig));
}

void pinMode(uint8_t, uint8_t) {}

void digitalWrite(uint8_t pin, uint8_t value) {
  static int levels[256];  // 1 more than what was written; 0: nothing was
  if (levels[pin] == value + 1) return;
  levels[pin] = value + 1;
  dprintf(3, "pin %d %d at %llu\n", pin, value, static_cast<unsigned long long>(uptimeMs()));
}

int digitalRead(uint8_t pin) {
  return surroundings::level(pin) ? HIGH : LOW;
}

// A sensor that gets warmer with every reading: none is like another, and none can be missing unnoticed.
static uint32_t readings = 0;
uint32_t analogReadMilliVolts(uint8_t) {
  dprintf(3, "reading %u at %llu\n", ++readings, static_cast<unsigned long long>(uptimeMs()));
  return readings;
}
int analogRead(uint8_t pin) {
  return static_cast<int>(analogReadMilliVolts(pin));
}

int main() {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, [](int) { surroundings::end(); });
  surroundings::wake();
  surroundings::listen();
  setup();
  settingUp = false;
  while (!surroundings::ended() && getppid() != 1) {
    loop();
    delay(1);
  }
  return 0;
}
