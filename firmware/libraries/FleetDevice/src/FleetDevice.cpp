#include "FleetDevice.h"

namespace {

/// AWS IoT Core's limit, in bytes.
const size_t kMaxTopic = 256;

/// Often enough: until then a reading is a week and a half old at most, and millis() goes round after seven weeks.
const uint32_t kDropAgesEveryMs = 7u * 24 * 60 * 60 * 1000 / 2;

bool isTopic(const char* topic) {
  if (topic == nullptr) return false;
  const size_t length = strlen(topic);
  return length > 0 && length <= kMaxTopic && strpbrk(topic, "+#") == nullptr;
}

}  // namespace

FleetDevice::FleetDevice(Client& net)
    : net_(net), session_(net, ring_), backoff_(FLEET_BACKOFF_BASE_MS, FLEET_BACKOFF_CAP_MS) {
  options_ = {nullptr, nullptr, nullptr, FLEET_KEEP_ALIVE_S, false};
}

bool FleetDevice::onCommand(const char* filter, FleetCommandHandler handler, void* argument) {
  if (session_.subscribe(filter, handler, argument)) return true;
  report(fleet::tooManySubscriptions());
  return false;
}

bool FleetDevice::onCommand(const char* filter, FleetCommandCallback callback) {
  const FleetCommandHandler handler = [](const char* topic, const char* payload, size_t length, void* argument) {
    reinterpret_cast<FleetCommandCallback>(argument)(topic, payload, length);
  };
  return onCommand(filter, handler, reinterpret_cast<void*>(callback));
}

bool FleetDevice::onPieces(const char* filter, FleetPieceHandler handler, void* argument) {
  session_.onPieces(handler, argument);
  return onCommand(filter, nullptr, nullptr);
}

void FleetDevice::setWill(const char* topic, const char* payload) {
  options_.willTopic = topic;
  options_.willPayload = payload;
}

void FleetDevice::onFailure(FleetFailureCallback callback) {
  onFailure_ = callback;
  session_.onRefusal(callback);
}

bool FleetDevice::begin(const char* host, uint16_t port, const char* thingName, size_t size) {
  if (size != sizeof(FleetDevice)) return report(fleet::mixedConfiguration()), false;
  if (host == nullptr || *host == 0 || thingName == nullptr || *thingName == 0)
    return report(fleet::badIdentity()), false;
  if (options_.willTopic != nullptr && !isTopic(options_.willTopic)) return report(fleet::badTopic()), false;
  host_ = host;
  port_ = port;
  options_.clientId = thingName;
  state_ = FleetState::Waiting;
  waitMs_ = 0;
  refusals_ = 0;
  return true;
}

void FleetDevice::loop() {
  if (state_ == FleetState::Idle) return;
  const uint32_t now = millis();
  if (now - agesDroppedAt_ >= kDropAgesEveryMs) {
    agesDroppedAt_ = now;
    ring_.dropAges(now);
  }
  if (state_ == FleetState::Connecting || state_ == FleetState::Connected) {
    run(now);
  } else if (ready(now) && now - waitingSince_ >= waitMs_) {
    connect();
  }
  led_.show(connected(), failure_.stage, now);
}

bool FleetDevice::waitUntilSent(uint32_t timeoutMs) {
  const uint32_t since = millis();
  while (waiting() > 0 && millis() - since < timeoutMs) {
    loop();
    delay(1);
  }
  return waiting() == 0;
}

void FleetDevice::end() {
  if (state_ == FleetState::Idle) return;
  session_.leave();
  net_.flush();
  net_.stop();
  state_ = FleetState::Idle;
}

size_t FleetDevice::keep(void* memory, size_t size) const {
  return ring_.keep(static_cast<uint8_t*>(memory), size, millis());
}

bool FleetDevice::resume(const void* memory, size_t size, uint32_t sleptMs) {
  return ring_.resume(static_cast<const uint8_t*>(memory), size, millis(), sleptMs);
}

/// Whether Wi-Fi and clock are there. They may take their time after power-on: what is missing is reported later.
bool FleetDevice::ready(uint32_t now) {
  const FleetFailure missing = precondition_ == nullptr ? FleetFailure() : precondition_();
  const bool changed = missing.stage != missing_;
  missing_ = missing.stage;
  if (!missing) {
    state_ = FleetState::Waiting;
    if (changed) {  // whatever failed before, failed for want of this
      backoff_.reset();
      backOff();
    }
    return true;
  }
  state_ = missing.stage == FleetStage::WiFi    ? FleetState::NoWiFi
           : missing.stage == FleetStage::Clock ? FleetState::NoClock
                                                : FleetState::Waiting;
  failure_ = missing;
  if (changed) {
    missingSince_ = now;
    missingReported_ = false;
  } else if (now - missingSince_ >= (missingReported_ ? FLEET_REPORT_EVERY_MS : FLEET_REPORT_AFTER_MS)) {
    missingSince_ = now;
    missingReported_ = true;
    report(missing);
  }
  return false;
}

void FleetDevice::connect() {
  state_ = FleetState::Connecting;
  if (!net_.connect(host_, port_)) return disconnected(whyDisconnected(fleetTcpFailure()));
  const FleetFailure failure = session_.open(options_, millis());
  if (failure) disconnected(failure);
}

void FleetDevice::run(uint32_t now) {
  const FleetFailure failure = session_.step(now);
  if (session_.fruitful()) {
    backoff_.reset();
    refusals_ = 0;
  }
  if (session_.established() && state_ == FleetState::Connecting) {
    state_ = FleetState::Connected;
    failure_ = FleetFailure();
  }
  if (failure) disconnected(whyDisconnected(failure));
}

/// What lies below knows better than what merely saw the connection end, or stall: that of an ESP32 outlives its Wi-Fi.
FleetFailure FleetDevice::whyDisconnected(const FleetFailure& otherwise) const {
  FleetFailure why;
  if (precondition_ != nullptr) why = precondition_();
  if (!why && diagnosis_ != nullptr && !net_.connected()) why = diagnosis_();
  const bool tlsSaysNothing = why.stage == FleetStage::Tls && why.code == 0;
  return !why || (tlsSaysNothing && otherwise.stage == FleetStage::Mqtt) ? otherwise : why;
}

void FleetDevice::disconnected(const FleetFailure& failure) {
  net_.stop();
  session_.close();
  state_ = FleetState::Waiting;
  if ((failure.stage == FleetStage::Tls || failure.stage == FleetStage::Mqtt) && refusals_ < UINT8_MAX) refusals_++;
  backOff();
  report(failure);
}

void FleetDevice::backOff() {
  // Arduino's random() draws from the chip's generator until somebody calls randomSeed().
  waitMs_ = backoff_.next(static_cast<uint32_t>(random(0x10000)) << 16 | static_cast<uint32_t>(random(0x10000)));
  waitingSince_ = millis();
}

bool FleetDevice::publish(const char* topic, const char* payload) {
  return publish(topic, reinterpret_cast<const uint8_t*>(payload), strlen(payload));
}

bool FleetDevice::publish(const char* topic, const uint8_t* payload, size_t length) {
  if (!isTopic(topic)) return refuse(fleet::badTopic());
  if (!fleet::ReadingRing::fits(strlen(topic), length)) return refuse(fleet::readingTooLarge(length));
  if (ring_.add(topic, payload, length, millis(), withAge_)) {
    ringFull_ = false;
    accepted_++;
    return true;
  }
  if (ringFull_) {  // said once: an outage can be long
    refused_++;
    return false;
  }
  ringFull_ = true;
  return refuse(fleet::ringFull(ring_.count()));
}

bool FleetDevice::refuse(const FleetFailure& failure) {
  refused_++;
  if (onFailure_ != nullptr) onFailure_(failure);
  return false;
}

void FleetDevice::report(const FleetFailure& failure) {
  failure_ = failure;
  if (onFailure_ != nullptr) onFailure_(failure);
}
