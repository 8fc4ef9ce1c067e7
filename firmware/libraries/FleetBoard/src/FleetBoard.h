#pragma once

#include <FleetDevice.h>

#include "FleetPins.h"
#include "board/Every.h"
#include "board/Identity.h"
#include "board/Sleep.h"
#include "board/Switch.h"
#include "board/Tls.h"
#include "board/Wifi.h"
#ifdef ESP8266
#include <FleetClock.h>
#endif

/**
 * A FleetDevice with all that a board has: Wi-Fi, the clock that an ESP8266's TLS needs, the TLS of the chip, the LED,
 * and failures on the serial line. Once after each start it publishes what runs, why it started, and the least heap
 * there was. A sketch has one:
 *
 *     FleetBoard device(FLEET_IDENTITY);  // of secrets.h
 *
 * What a FleetDevice can do, it can: publish(), onCommand(), and the rest. onFailure() and onLed() take the place of
 * what this does with the serial line and FLEET_LED_PIN.
 */
class FleetBoard : public FleetDevice {
 public:
  explicit FleetBoard(const FleetSecrets& secrets);
  /// A board whose identity lies in its flash: FleetIdentity tells it.
  FleetBoard();

  /**
   * Starts. Give everything else first.
   *
   * @param version of the sketch, for the message about its start
   * @param built the day of the build, before which no clock can rightly be; of the sketch, which each build compiles
   * @return false when something is wrong with the identity; the serial line says what
   */
  bool begin(const char* version, const char* built = __DATE__);
  /// From the next begin() on it has these secrets; end() comes before. What waits in the ring waits on.
  void use(const FleetSecrets& secrets);
  /// Starts again, as begin() did last.
  bool beginAgain() { return begin(version_, built_); }
  /// Name and password of the Wi-Fi have changed where their pointers lead to: the next begin() joins that.
  void forgetWifi() { wifi_.forget(); }
  /// Does what there is to do; to be called all the time. How long it can block: firmware/README.md, "Limits".
  void loop() override;
  /**
   * Takes leave of the broker and sleeps deeply; then the chip starts anew, and begin() takes back what it kept: of an
   * ESP32 all readings, of an ESP8266 some 250 bytes of them, the oldest first, and the session of TLS. An ESP8266
   * wakes when its GPIO 16 is wired to RST. It sleeps by a clock that goes wrong by some percent: so does the age of
   * readings.
   *
   * @param ms up to 49 days on an ESP32, some 3 hours on an ESP8266 (ESP.deepSleepMax())
   */
  void sleep(uint32_t ms);

 private:
  FleetSecrets secrets_;
  fleet::Wifi wifi_;
  fleet::Tls tls_;
#ifdef ESP8266
  FleetClock clock_;
  uint32_t heapFloor_ = UINT32_MAX;
#endif
  const char* version_ = nullptr;
  const char* built_ = nullptr;
  bool started_ = false;
  bool resumed_ = false;
  bool startPublished_ = false;

  FleetFailure missing();
  FleetFailure why();
  bool publishStart();
};
