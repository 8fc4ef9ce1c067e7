#include "Enrolment.h"

#include "Key.h"
#include "Pem.h"

namespace fleet {

namespace {

bool is(const char* name, PGM_P other) {
  return strncmp_P(name, other, strlen_P(other) + 1) == 0;
}

void say(const __FlashStringHelper* words) {
  Serial.print(F("enrolment: "));
  Serial.println(words);
}

struct RequestDer {
  const uint8_t* begin;
  size_t size;
};

void writeRequest(Print& out, void* argument) {
  const auto& request = *static_cast<const RequestDer*>(argument);
  out.print(F("{\"certificateSigningRequest\":\""));
  writePem(out, F("CERTIFICATE REQUEST"), request.begin, request.size, "\\n");
  out.print(F("\"}"));
}

}  // namespace

void Enrolment::begin(FleetDevice& device, const char* code, StoredIdentity& record, uint8_t slot) {
  device_ = &device;
  code_ = code;
  record_ = &record;
  slot_ = slot;
  begun_ = false;
  state_ = State::Subscribing;
  for (uint8_t i = 0; i < kAnswers; i++) {
    const char* topic = i < kProvisioned ? claim_.certificateTopic : claim_.provisioningTopic;
    const bool accepted = i == kCertified || i == kProvisioned;
    snprintf_P(topics_[i], kTopicBytes, accepted ? PSTR("%s/accepted") : PSTR("%s/rejected"), topic);
    device.onPieces(topics_[i], takePiece, this);
  }
}

void Enrolment::end() {
  if (state_ == State::Idle) return;
  state_ = State::Idle;
  for (const char* topic : topics_) device_->forget(topic);
}

Enrolment::State Enrolment::step() {
  const bool asked = state_ == State::Certifying || state_ == State::Provisioning;
  if (state_ == State::Subscribing && device_->subscribed()) {
    state_ = askForCertificate();
  } else if (state_ == State::Certified) {
    state_ = askForTemplate();
  } else if (asked && (!device_->connected() || millis() - askedAt_ >= FLEET_ENROL_ANSWER_MS)) {
    say(F("no answer"));
    state_ = state_ == State::Certifying ? State::NotCertified : State::Lost;
  }
  return state_;
}

Enrolment::State Enrolment::askForCertificate() {
  uint8_t der[kRequestBytes];
  RequestDer request = {writeRequestDer(record_->key, record_->device, der), 0};
  if (request.begin == nullptr) {
    say(F("the request for a certificate could not be signed"));
    return State::NotCertified;
  }
  request.size = static_cast<size_t>(der + sizeof(der) - request.begin);
  if (!slots_.erase(slot_)) {
    say(F("flash cannot be erased"));
    return State::NotCertified;
  }
  askedAt_ = millis();
  const bool sent = device_->publishNow(claim_.certificateTopic, writeRequest, &request);
  return sent ? State::Certifying : State::NotCertified;
}

Enrolment::State Enrolment::askForTemplate() {
  askedAt_ = millis();
  return device_->publishNow(claim_.provisioningTopic, writeProvision, this) ? State::Provisioning : State::Lost;
}

/// The token is kept as it came: what JSON would have to escape is not in it, see takeByte().
void Enrolment::writeProvision(Print& out, void* argument) {
  const auto& self = *static_cast<const Enrolment*>(argument);
  SlotTextStream token;
  token.begin(self.slots_, self.slot_, kTokenAt, self.tokenLength_);
  out.print(F("{\"certificateOwnershipToken\":\""));
  while (token.available() > 0) out.write(static_cast<uint8_t>(token.read()));
  out.print(F("\",\"parameters\":{\"device\":\""));
  out.print(self.record_->device);
  out.print(F("\",\"code\":\""));
  out.print(self.code_);
  out.print(F("\"}}"));
}

void Enrolment::takePiece(const char* topic, const char* piece, size_t length, bool last, void* self) {
  static_cast<Enrolment*>(self)->take(topic, piece, length, last);
}

void Enrolment::take(const char* topic, const char* piece, size_t length, bool last) {
  uint8_t answer = 0;
  while (answer < kAnswers && strcmp(topic, topics_[answer]) != 0) answer++;
  const bool certificate = answer < kProvisioned;
  if (state_ != (certificate ? State::Certifying : State::Provisioning)) return;  // too late
  if (!begun_) {
    begun_ = true;
    whole_ = true;
    writing_ = false;
    tokenLength_ = 0;
    idLength_ = 0;
    wordsLength_ = 0;
    errorCodeLength_ = 0;
    record_->head.bodyBytes = 0;
    json_.begin();
  }
  json_.take(piece, length);
  if (!last) return;
  begun_ = false;
  if (answer == kCertified || answer == kProvisioned) {
    state_ = certificate ? certified() : State::Done;
    return;
  }
  sayRefused();
  errorCode_[errorCodeLength_] = 0;
  const bool denied = strncasecmp(errorCode_, "access", 6) == 0;  // how AWS spells the rest, no page says
  state_ = certificate ? State::NotCertified : denied ? State::Refused : State::Lost;
  if (denied) slots_.free(slot_);  // that certificate will never be of use
}

void Enrolment::takeByte(const char* name, char byte, bool last, void* argument) {
  auto& self = *static_cast<Enrolment*>(argument);
  if (is(name, PSTR("errorMessage")) && self.wordsLength_ + 1u < sizeof(self.words_)) {
    if (!last && static_cast<uint8_t>(byte) >= 0x20) self.words_[self.wordsLength_++] = byte;
  }
  if (is(name, PSTR("errorCode")) && self.errorCodeLength_ + 1u < sizeof(self.errorCode_)) {
    if (!last) self.errorCode_[self.errorCodeLength_++] = byte;
  }
  if (self.state_ != State::Certifying) return;
  StoredIdentity& record = *self.record_;
  if (is(name, PSTR("certificateId"))) {
    if (last) {
      record.certificateId[self.idLength_] = 0;
    } else if (self.idLength_ + 1u < sizeof(record.certificateId)) {
      record.certificateId[self.idLength_++] = byte;
    } else {
      self.whole_ = false;
    }
  } else if (is(name, PSTR("certificatePem"))) {
    self.keep(byte, last, 0, kCertificateBytes);
    if (!last) return;
    record.head.bodyBytes = static_cast<uint32_t>(self.text_.length());
    record.head.bodyChecksum = self.text_.sum();
  } else if (is(name, PSTR("certificateOwnershipToken"))) {
    self.keep(byte, last, kTokenAt, kTokenBytes);
    if (byte == '"' || byte == '\\' || (!last && static_cast<uint8_t>(byte) < 0x20)) self.whole_ = false;
    if (last) self.tokenLength_ = self.text_.length();
  }
}

void Enrolment::keep(char byte, bool last, size_t offset, size_t room) {
  if (!writing_) text_.begin(slots_, slot_, offset, room);
  writing_ = !last;
  if (!last) {
    text_.put(byte);
  } else if (!text_.finish()) {
    whole_ = false;
  }
}

Enrolment::State Enrolment::certified() {
  const bool all = record_->head.bodyBytes > 0 && tokenLength_ > 0 && idLength_ > 0;
  if (!json_.complete() || !whole_ || !all) {
    say(F("an answer that has no certificate, or one that is too large"));
    return State::NotCertified;
  }
  if (!slots_.commit(slot_, record_)) {
    say(F("flash has not kept the certificate"));
    return State::NotCertified;
  }
  return State::Certified;
}

void Enrolment::sayRefused() {
  words_[wordsLength_] = 0;
  Serial.print(F("enrolment: refused: "));
  Serial.println(wordsLength_ > 0 ? words_ : "no reason given");
}

}  // namespace fleet
