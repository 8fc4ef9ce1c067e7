#include "FleetIdentity.h"

#include "identity/Pem.h"
#include "identity/Text.h"

namespace {

const uint32_t kLongestWaitMs = 24 * 3600000u;

/// Where the slots are: two for the settings, two for the identities.
enum : uint8_t { kSettingsArea = 0, kIdentityArea = 2 };

}  // namespace

FleetIdentity::FleetIdentity(const FleetClaim& claim)
    : claim_(claim),
      settingsSlots_(kSettingsArea, sizeof(fleet::StoredSettings)),
      slots_(kIdentityArea, sizeof(fleet::StoredIdentity)),
      settings_(),
      record_(),
      enrolment_(claim_, slots_) {}

void FleetIdentity::begin(FleetBoard& board, const char* built) {
  board_ = &board;
  built_ = built;
  for (fleet::Flash::Room room; (room = fleet::Flash::begin()) != fleet::Flash::Room::Enough; delay(kAskEveryMs)) {
    Serial.println(room == fleet::Flash::Room::None
                       ? F("no flash for an identity -> Tools > Flash Size: one that has a file system (FS)")
                       : F("a file system lies where the identity would be -> erase all flash"));
  }
  const uint8_t settings = settingsSlots_.newest();
  if (settings != fleet::Slots::kNone) settingsSlots_.read(settings, &settings_);

  for (;;) {
    listen();
    const uint8_t newest = slots_.newest();
    const bool has = newest != fleet::Slots::kNone && load(newest) && (!byCode() || isAnswer());
    const bool used = has && slots_.marked(newest);
    if (used || (has && !byCode() && slots_.older() != fleet::Slots::kNone)) break;
    if (settings_.ssid[0] == 0 || (!has && !byCode())) {
      Serial.println(
          F("This board has no identity. Type, each on a line: wifi NAME, password PASSWORD, and the line that "
            "bin/fleet enrol prints"));
      wait(kAskEveryMs);
    } else if (has && !(refusedTrial_ && byCode())) {
      tryOut();
    } else {
      claim();
    }
  }
  change(slots_.newest());
  const FleetCommandHandler told = [](const char*, const char*, size_t, void* self) {
    auto& identity = *static_cast<FleetIdentity*>(self);
    if (identity.settings_.request == fleet::Request::None) identity.request(fleet::Request::ByIdentity);
  };
  board.onCommand(rotate_, told, this);
}

void FleetIdentity::loop() {
  const fleet::Console::Heard heard = listen();
  if (heard == fleet::Console::Heard::Enrol) {  // another device has other topics, which the sketch has told the board
    Serial.println(F("restarting"));
    board_->end();
    delay(100);
    ESP.restart();
  }
  if (heard == fleet::Console::Heard::Wifi) {
    board_->end();
    board_->beginAgain();
  }
  if (onTrial_) {
    watchTrial();
  } else if (board_->refusals() >= FLEET_IDENTITY_REFUSALS && slots_.newest() != slot_) {
    // Somebody has ended it.
    Serial.println(F("the former identity was refused: the new one again"));
    enrolment_.end();
    change(slots_.newest());
    board_->beginAgain();
  } else if (settings_.request == fleet::Request::ByIdentity) {
    rotate();
  }
}

const char* FleetIdentity::topic(const char* name) {
  fleet::writeName(topic_, claim_.telemetryRoot, record_.device, "/");
  const size_t length = strlen(topic_);
  snprintf(topic_ + length, sizeof(topic_) - length, "%s", name);
  return topic_;
}

bool FleetIdentity::isAnswer() const {
  return settings_.hasKey && memcmp(settings_.key, record_.key, sizeof(record_.key)) == 0;
}

uint32_t FleetIdentity::patienceMs() const {
  uint32_t ms = FLEET_ENROL_AGAIN_MS;
  for (uint8_t i = 1; i < refusals_ && ms < kLongestWaitMs; i++) ms *= 2;
  return ms < kLongestWaitMs ? ms : kLongestWaitMs;
}

void FleetIdentity::askLater() {
  if (refusals_ < UINT8_MAX) refusals_++;
  refusedAt_ = millis();
  Serial.printf_P(PSTR("enrolment: asks again in %lu s\n"), static_cast<unsigned long>((patienceMs() + 999) / 1000));
}

bool FleetIdentity::save() {
  const uint8_t newest = settingsSlots_.newest();
  const uint8_t slot = newest == fleet::Slots::kNone ? 0 : 1 - newest;
  if (settingsSlots_.erase(slot) && settingsSlots_.commit(slot, &settings_)) return true;
  Serial.println(F("flash has not kept what was written"));
  return false;
}

void FleetIdentity::request(fleet::Request request) {
  settings_.request = request;
  settings_.hasKey = false;
  memset(settings_.key, 0, sizeof(settings_.key));
  memset(settings_.code, 0, sizeof(settings_.code));
  refusals_ = 0;
  save();
}

fleet::Console::Heard FleetIdentity::listen() {
  const fleet::Console::Heard heard = console_.listen(settings_);
  if (heard == fleet::Console::Heard::Nothing) return heard;
  save();
  refusals_ = 0;
  if (heard == fleet::Console::Heard::Wifi) {
    board_->forgetWifi();
  } else {
    refusedTrial_ = false;
  }
  return heard;
}

/// Or until somebody types what changes something.
void FleetIdentity::wait(uint32_t ms) {
  const uint32_t since = millis();
  while (millis() - since < ms && listen() == fleet::Console::Heard::Nothing) delay(10);
}

bool FleetIdentity::ensureKey() {
  if (!settings_.hasKey) {
    settings_.hasKey = fleet::makeKey(settings_.key);
    if (!settings_.hasKey || !save()) {
      Serial.println(F("enrolment: no key could be made"));
      return settings_.hasKey = false;
    }
  }
  memcpy(record_.key, settings_.key, sizeof(record_.key));
  return true;
}

uint8_t FleetIdentity::slotToWrite() const {
  const uint8_t newest = slots_.newest();
  if (newest == fleet::Slots::kNone) return 0;
  const bool keep = slots_.marked(newest) || slots_.older() == fleet::Slots::kNone;
  return keep ? 1 - newest : newest;
}

bool FleetIdentity::load(uint8_t slot) {
  if (!slots_.read(slot, &record_)) return false;
  uint8_t der[fleet::kKeyDerBytes];
  fleet::writeKeyDer(record_.key, der);
  fleet::TextPrint pem(keyPem_, sizeof(keyPem_));
  fleet::writePem(pem, F("EC PRIVATE KEY"), der, sizeof(der), "\n");
  memset(der, 0, sizeof(der));
  certificate_.begin(slots_, slot, 0, record_.head.bodyBytes);
#ifdef ESP32
  const size_t size =
      record_.head.bodyBytes < fleet::kCertificateBytes ? record_.head.bodyBytes : fleet::kCertificateBytes;
  slots_.readBody(slot, 0, certificatePem_, size);
  certificatePem_[size] = 0;
#endif
  fleet::writeName(start_, claim_.telemetryRoot, record_.device, "/start");
  fleet::writeName(gone_, claim_.willRoot, record_.device, "/gone");
  fleet::writeName(commands_, claim_.commandRoot, record_.device, "/#");
  fleet::writeName(rotate_, claim_.commandRoot, record_.device, "/identity/rotate");
  return true;
}

/// @param announced whether the board says that it has started, and the broker that it is gone
FleetSecrets FleetIdentity::secrets(bool announced) {
  fleet::writeName(clientId_, claim_.thingPrefix, record_.device, "");
  FleetSecrets secrets = {};
  secrets.ssid = settings_.ssid;
  secrets.password = settings_.password;
  secrets.thingName = clientId_;
  secrets.host = record_.host;
  secrets.port = record_.port;
  secrets.roots = claim_.roots;
#ifdef ESP32
  secrets.certificate = certificatePem_;
#else
  secrets.certificateStream = &certificate_;
#endif
  secrets.privateKey = keyPem_;
  secrets.startTopic = announced ? start_ : nullptr;
  secrets.goneTopic = announced ? gone_ : nullptr;
  return secrets;
}
