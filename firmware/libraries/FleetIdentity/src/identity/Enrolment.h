#pragma once

#include <FleetDevice.h>

#include "Claim.h"
#include "JsonStrings.h"
#include "SlotText.h"
#include "Stored.h"

/// How long the cloud may take for an answer; its hook alone may take 5 s.
#ifndef FLEET_ENROL_ANSWER_MS
#define FLEET_ENROL_ANSWER_MS 20000
#endif

namespace fleet {

/**
 * Asks AWS IoT for a certificate and has a provisioning template run with it (Developer Guide, "Device provisioning
 * MQTT API", in JSON), over the connection of a device. Answers are larger than its buffers: they go into the slot as
 * they come. What goes wrong is said on the serial line.
 */
class Enrolment {
 public:
  enum class State : uint8_t {
    Idle,
    Subscribing,
    Certifying,
    Certified,
    Provisioning,
    Done,
    Refused,       ///< the cloud says no
    Lost,          ///< no answer, or one that something failed: nobody knows whether it was a yes
    NotCertified,  ///< no certificate, or none that can be kept: nothing has changed
  };

  Enrolment(const FleetClaim& claim, Slots& slots) : claim_(claim), slots_(slots), json_(takeByte, this) {}

  /**
   * Begins to listen; step() does the rest.
   *
   * @param code empty when it is asked for by an identity that the device has
   * @param record has key, device, host and port; the certificate's id comes into it
   * @param slot that is overwritten once the connection stands
   */
  void begin(FleetDevice& device, const char* code, StoredIdentity& record, uint8_t slot);
  State step();
  State state() const { return state_; }
  /// Listens no more.
  void end();

 private:
  /// In the body of a slot, behind the certificate: not needed any more once it was used.
  static const size_t kTokenAt = kCertificateBytes;
  static const size_t kTokenBytes = Slots::kMostBytes - kTokenAt;
  static const size_t kTopicBytes = 96;  // a template's name has at most 36 characters
  enum Answer : uint8_t { kCertified, kNotCertified, kProvisioned, kNotProvisioned, kAnswers };

  const FleetClaim& claim_;
  Slots& slots_;
  JsonStrings json_;
  SlotTextWriter text_;
  State state_ = State::Idle;
  FleetDevice* device_ = nullptr;
  const char* code_ = nullptr;
  StoredIdentity* record_ = nullptr;
  uint8_t slot_ = 0;
  uint32_t askedAt_ = 0;
  size_t tokenLength_ = 0;
  char topics_[kAnswers][kTopicBytes];
  char words_[96];  ///< of a refusal
  char errorCode_[8];  ///< how its code begins
  uint8_t idLength_ = 0;
  uint8_t wordsLength_ = 0;
  uint8_t errorCodeLength_ = 0;
  bool begun_ = false;    ///< an answer, of which more is to come
  bool whole_ = false;    ///< all of it could be kept
  bool writing_ = false;  ///< one of its strings into the slot

  static void takePiece(const char* topic, const char* piece, size_t length, bool last, void* self);
  static void takeByte(const char* name, char byte, bool last, void* self);
  static void writeProvision(Print& out, void* self);
  State askForCertificate();
  State askForTemplate();
  void take(const char* topic, const char* piece, size_t length, bool last);
  void keep(char byte, bool last, size_t offset, size_t room);
  State certified();
  void sayRefused();
};

}  // namespace fleet
