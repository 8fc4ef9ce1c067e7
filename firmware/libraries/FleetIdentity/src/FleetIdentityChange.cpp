// How a board gets an identity, tries it out, and changes it for another.
#include "FleetIdentity.h"
#include "identity/Text.h"

namespace {

const uint8_t kMostRefusals = 5;  // of a rotation: then the cloud does not want it any more

}  // namespace

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
  if (state != State::Refused && state != State::NotCertified) return;
  askLater();
  wait(patienceMs());
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
      slot_ = slot;
      Serial.println(F("the new identity is in use"));
      settle();
      break;
    }
    refusedTrial_ = board_->refusals() >= FLEET_IDENTITY_REFUSALS;
    delay(1);
  }
  board_->end();
  board_->discard();  // the broker would hang up on any other identity that says that this one was used
  if (!refusedTrial_) return;
  askLater();
  wait(patienceMs());
}

/// Whether the broker has taken, by the identity in use, the message that says so.
bool FleetIdentity::isUsed() {
  if (!usedSaid_ && board_->connected()) {
    char json[96];
    snprintf_P(json, sizeof(json), PSTR("{\"certificate\":\"%s\"}"), record_.certificateId);
    fleet::writeName(topic_, claim_.willRoot, record_.device, "/identity/used");
    usedSaid_ = board_->publish(topic_, json);
    usedAt_ = board_->accepted();
  }
  const uint32_t had = board_->accepted() - static_cast<uint32_t>(board_->waiting());
  return usedSaid_ && static_cast<int32_t>(had - usedAt_) >= 0;
}

/// The cloud knows that the identity in use is: what was asked for is there, and no other one is needed any more.
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
  const bool newest = slots_.newest() == slot;
  onTrial_ = newest && (!slots_.marked(slot) || slots_.older() != fleet::Slots::kNone);
  usedSaid_ = false;
  if (newest && !onTrial_) settle();
}

void FleetIdentity::watchTrial() {
  // It works, so there is no way back: the cloud ends the former one as soon as it hears of it, whether or not the board learns that.
  if (board_->connected() && !slots_.marked(slot_)) slots_.mark(slot_);
  if (isUsed()) {
    onTrial_ = false;
    Serial.println(F("the new identity is in use"));
    settle();
  } else if (board_->refusals() >= FLEET_IDENTITY_REFUSALS && !slots_.marked(slot_) &&
             slots_.older() != fleet::Slots::kNone) {
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
