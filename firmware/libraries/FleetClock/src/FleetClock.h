#pragma once

#include <FleetDevice.h>
#include <time.h>

/**
 * The clock of an ESP8266. Its TLS compares the dates of the broker's certificate with the clock, which says 1970 after
 * power-on. NTP sets it. Where NTP is blocked, the board goes on with the latest time that is known to be past: that of
 * the build, or the last one that NTP gave, kept in flash. So it connects even then, as long as the broker's
 * certificate is older than that.
 *
 * The good time takes the first 8 bytes of the EEPROM. A sketch with an EEPROM of its own leaves those alone, and calls
 * EEPROM.begin() for more once this has begun.
 */
class FleetClock {
 public:
  /**
   * Sets the clock to the earliest time that it can be, and has NTP set it from now on. Strings are kept as pointers.
   *
   * @param server,otherwise NTP servers; where the network lets none through, often its router is one
   * @param built the day of the build; that of the sketch, since the Arduino IDE does not compile a library again
   */
  void begin(const char* server = "pool.ntp.org", const char* otherwise = "time.google.com",
             const char* built = __DATE__);
  /// Keeps the good time in flash, once a day.
  void loop();

  /// Whether NTP has given the time since begin().
  bool known() const { return known_; }
  /// To be asked while there is Wi-Fi: fleetClockFailure() as long as NTP may still answer (FLEET_NTP_PATIENCE_MS).
  FleetFailure missing();

 private:
  time_t earliest_ = 0;
  volatile bool known_ = false;
  bool asked_ = false;
  uint32_t askedAt_ = 0;
};
