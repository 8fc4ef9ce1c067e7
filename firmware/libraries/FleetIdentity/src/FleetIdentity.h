#pragma once

#include <FleetBoard.h>

#include "identity/Claim.h"
#include "identity/Console.h"
#include "identity/Enrolment.h"

/// How often in a row the broker may refuse a new identity before the board asks for it once more.
#ifndef FLEET_IDENTITY_REFUSALS
#define FLEET_IDENTITY_REFUSALS 3
#endif
/// How long it waits after the cloud has not given it one, or the broker has not taken it; doubled each time, up to a day.
#ifndef FLEET_ENROL_AGAIN_MS
#define FLEET_ENROL_AGAIN_MS 15000
#endif

/**
 * The identity of a board, in its flash and not in its firmware: one build is for all boards of a chip. The board makes
 * its key, which never leaves it, and asks AWS IoT for a certificate. What it takes is typed on the serial port once:
 * the Wi-Fi, and the line that `bin/fleet enrol DEVICE` prints. A rotation needs no cable.
 *
 *     FleetIdentity identity(FLEET_CLAIM);  // of claim.h
 *     FleetBoard device;
 *
 * On an ESP8266 it takes the last 16 KB that are set apart for a file system; on an ESP32 some entries of NVS.
 */
class FleetIdentity {
 public:
  explicit FleetIdentity(const FleetClaim& claim);

  /**
   * Gives the board its identity: at once when it has one, else when it has got one, however long that takes. It comes
   * before all that the board is told otherwise, and behind the beginning of Serial.
   *
   * @param built the day of the build, as in FleetBoard::begin()
   */
  void begin(FleetBoard& board, const char* built = __DATE__);
  /// Listens on the serial port, and changes the identity when the cloud wants that. To be called all the time.
  void loop();

  /// The name of the device.
  const char* device() const { return record_.device; }
  /// The topic for what it publishes, such as "telemetry": good until the next call.
  const char* topic(const char* name);
  /// The filter of all its commands.
  const char* commands() const { return commands_; }

 private:
  static const size_t kTopicBytes = 160;
  static const uint32_t kAskEveryMs = 15000;

  const FleetClaim claim_;
  fleet::Slots settingsSlots_;
  fleet::Slots slots_;
  fleet::StoredSettings settings_;
  fleet::StoredIdentity record_;  ///< of the identity in use, or of the one that is asked for
  fleet::Enrolment enrolment_;
  fleet::Console console_;
  fleet::SlotTextStream certificate_;
  FleetBoard* board_ = nullptr;
  const char* built_ = nullptr;

  uint8_t slot_ = fleet::Slots::kNone;  ///< of the identity in use
  bool onTrial_ = false;                ///< the cloud does not know yet that it is in use
  bool refusedTrial_ = false;           ///< the newest one was, and the broker did not take it
  bool usedSaid_ = false;
  uint32_t usedAt_ = 0;   ///< what the device had accepted by then
  uint8_t refusals_ = 0;  ///< of the cloud to give one, of flash to keep it, or of the broker to take it, since the start
  uint32_t refusedAt_ = 0;

  char clientId_[128 + 1];  ///< of the claim, or the name of the thing: AWS takes so much
  char keyPem_[160];
#ifdef ESP32
  char certificatePem_[fleet::kCertificateBytes + 1];
#endif
  char start_[kTopicBytes];
  char gone_[kTopicBytes];
  char commands_[kTopicBytes];
  char rotate_[kTopicBytes];
  char topic_[kTopicBytes];

  bool byCode() const {
    return settings_.request == fleet::Request::ByCode;
  }
  /// Whether the record is what is asked for.
  bool isAnswer() const;
  /// How long to wait after that.
  uint32_t patienceMs() const;
  void askLater();
  bool save();
  void request(fleet::Request request);
  fleet::Console::Heard listen();
  void wait(uint32_t ms);
  bool ensureKey();
  /// The one without which the board could not go on is left alone.
  uint8_t slotToWrite() const;

  bool load(uint8_t slot);
  FleetSecrets secrets(bool announced);
  void claim();
  void tryOut();
  bool isUsed();
  void settle();
  void change(uint8_t slot);
  void watchTrial();
  void rotate();
};
