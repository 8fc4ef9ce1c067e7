#include "FleetIdentity.h"

#include "identity/Pem.h"

namespace {

const uint32_t kLongestWaitMs = 3600000;
const uint8_t kMostRefusals = 5;  // of a rotation: then the cloud does not want it any more
const uint32_t kAskEveryMs = 15000;

/// Where the slots are: two for the settings, two for the identities.
enum : uint8_t { kSettingsArea = 0, kIdentityArea = 2 };

class TextPrint : public Print {
 public:
  TextPrint(char* to, size_t room) : to_(to), left_(room - 1) { *to = 0; }
  size_t write(uint8_t byte) override {
    if (left_ == 0) return 0;
    left_--;
    *to_++ = static_cast<char>(byte);
    *to_ = 0;
    return 1;
  }

 private:
  char* to_;
  size_t left_;
};

template <size_t Size>
void write(char (&to)[Size], const char* root, const char* device, const char* rest) {
  snprintf_P(to, Size, PSTR("%s%s%s"), root, device, rest);
}

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
  } else if (settings_.request == fleet::Request::ByIdentity) {
    rotate();
  }
}

const char* FleetIdentity::topic(const char* name) {
  write(topic_, claim_.telemetryRoot, record_.device, "/");
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
  refusals_++;
  refusedAt_ = millis();
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
  TextPrint pem(keyPem_, sizeof(keyPem_));
  fleet::writePem(pem, F("EC PRIVATE KEY"), der, sizeof(der), "\n");
  memset(der, 0, sizeof(der));
  certificate_.begin(slots_, slot, 0, record_.head.bodyBytes);
#ifdef ESP32
  const size_t size =
      record_.head.bodyBytes < fleet::kCertificateBytes ? record_.head.bodyBytes : fleet::kCertificateBytes;
  slots_.readBody(slot, 0, certificatePem_, size);
  certificatePem_[size] = 0;
#endif
  write(start_, claim_.telemetryRoot, record_.device, "/start");
  write(gone_, claim_.willRoot, record_.device, "/gone");
  write(commands_, claim_.commandRoot, record_.device, "/#");
  write(rotate_, claim_.commandRoot, record_.device, "/identity/rotate");
  return true;
}

/// @param announced whether the board says that it has started, and the broker that it is gone
FleetSecrets FleetIdentity::secrets(bool announced) {
  write(clientId_, claim_.thingPrefix, record_.device, "");
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

/// Asks for an identity by the claim, which all boards of a fleet share.
void FleetIdentity::claim() {
  typedef fleet::Enrolment::State State;
  memcpy(record_.device, settings_.device, sizeof(record_.device));
  memcpy(record_.host, settings_.host, sizeof(record_.host));
  record_.port = settings_.port;
  FleetSecrets secrets = this->secrets(false);
  snprintf_P(clientId_, sizeof(clientId_), PSTR("%s%08lx%08lx"), claim_.clientId,
             static_cast<unsigned long>(random(0x7fffffff)), static_cast<unsigned long>(random(0x7fffffff)));
  secrets.certificate = claim_.certificate;
  secrets.certificateStream = nullptr;
  secrets.privateKey = claim_.privateKey;
  board_->use(secrets);
  board_->setCleanSession(true);
  State state = State::NotCertified;
  if (board_->begin("", built_)) {
    enrolment_.begin(*board_, settings_.code, record_, slotToWrite());
    for (state = State::Subscribing; state < State::Done; delay(1)) {
      board_->loop();
      if (listen() != fleet::Console::Heard::Nothing) break;
      state = board_->subscribed() && !ensureKey() ? State::NotCertified : enrolment_.step();
    }
  }
  enrolment_.end();
  board_->end();
  board_->setCleanSession(false);
  refusedTrial_ = state == State::Refused;
  if (state == State::Done || state == State::Lost) return;
  if (state >= State::Done) {
    refusals_++;
    wait(patienceMs());
  }
}

/// Uses the newest identity for the first time.
void FleetIdentity::tryOut() {
  board_->use(secrets(false));
  usedSaid_ = false;
  refusedTrial_ = false;
  if (!board_->begin("", built_)) return wait(kAskEveryMs);
  const uint8_t slot = slots_.newest();
  while (!refusedTrial_ && listen() == fleet::Console::Heard::Nothing) {
    board_->loop();
    if (isUsed()) {
      slots_.mark(slot);
      break;
    }
    refusedTrial_ = board_->refusals() >= FLEET_IDENTITY_REFUSALS;
    delay(1);
  }
  board_->end();
  board_->discard();  // the broker would hang up on any other identity that says that this one was used
}

/// Whether the broker has taken, by the identity in use, the message that says so.
bool FleetIdentity::isUsed() {
  if (!usedSaid_ && board_->connected()) {
    char json[96];
    snprintf_P(json, sizeof(json), PSTR("{\"certificate\":\"%s\"}"), record_.certificateId);
    write(topic_, claim_.willRoot, record_.device, "/identity/used");
    usedSaid_ = board_->publish(topic_, json);
    usedAt_ = board_->accepted();
  }
  const uint32_t had = board_->accepted() - static_cast<uint32_t>(board_->waiting());
  return usedSaid_ && static_cast<int32_t>(had - usedAt_) >= 0;
}

/// The identity in use was used: what was asked for is there, and no other one is needed any more.
void FleetIdentity::settle() {
  if (settings_.request != fleet::Request::None && isAnswer()) request(fleet::Request::None);
  slots_.free(1 - slot_);
}

/// From now on the board is this one; it connects with the next begin().
void FleetIdentity::change(uint8_t slot) {
  slot_ = slot;
  board_->end();
  load(slot);
  board_->use(secrets(true));
  onTrial_ = !slots_.marked(slot);
  usedSaid_ = false;
  if (!onTrial_ && slots_.newest() == slot) settle();
}

void FleetIdentity::watchTrial() {
  if (isUsed()) {
    slots_.mark(slot_);
    onTrial_ = false;
    Serial.println(F("the new identity is in use"));
    settle();
  } else if (board_->refusals() >= FLEET_IDENTITY_REFUSALS && slots_.older() != fleet::Slots::kNone) {
    Serial.println(F("the new identity was refused: the former one again"));
    change(slots_.older());
    board_->beginAgain();
    askLater();
  }
}

/// Asks for a new identity by the one in use, while that goes on.
void FleetIdentity::rotate() {
  typedef fleet::Enrolment::State State;
  if (enrolment_.state() == State::Idle) {
    const bool due = refusals_ == 0 || millis() - refusedAt_ >= patienceMs();
    if (!due || !board_->subscribed()) return;
    if (!ensureKey()) return askLater();
    enrolment_.begin(*board_, settings_.code, record_, slotToWrite());
    return;
  }
  State state = enrolment_.step();
  // A policy that does not allow the topics ends the connection each time.
  if (state < State::Done && board_->refusals() >= FLEET_IDENTITY_REFUSALS) state = State::Refused;
  if (state < State::Done) return;
  enrolment_.end();
  if (state == State::Done || state == State::Lost) {
    change(slots_.newest());
    board_->beginAgain();
    return;
  }
  slots_.read(slot_, &record_);
  askLater();
  if (state == State::Refused && refusals_ >= kMostRefusals) request(fleet::Request::None);
}
