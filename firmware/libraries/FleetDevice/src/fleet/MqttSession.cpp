#include "MqttSession.h"

namespace fleet {

namespace {

/// Readings never have it.
const uint16_t kSubscribePacketId = 0xffff;
/// Bytes taken from the network at a time.
const size_t kChunk = 64;
/// Input taken in one step, so that a broker that never stops sending cannot hold up the sketch.
const size_t kInputPerStep = 2048;

FleetFailure ended(MqttEnding ending) {
  return mqttFailure(ending);
}

}  // namespace

MqttSession::MqttSession(Client& net, ReadingRing& ring)
    : net_(net), ring_(ring), parser_(received_, sizeof(received_)) {}

void MqttSession::setSubscription(const char* filter, FleetCommandCallback onCommand) {
  filter_ = filter;
  onCommand_ = onCommand;
  subscription_ = filter == nullptr ? Subscription::None : Subscription::Wanted;
}

FleetFailure MqttSession::open(const ConnectOptions& options, uint32_t now) {
  parser_.reset();
  ring_.rewind();
  part_ = Part::Connecting;
  fruitful_ = false;
  pinging_ = false;
  keepAliveMs_ = options.keepAliveS * 1000ul;
  answeredAt_ = now;
  if (subscription_ == Subscription::Asked) subscription_ = Subscription::Wanted;
  return write(control_, writeConnect(control_, sizeof(control_), options), now);
}

FleetFailure MqttSession::step(uint32_t now) {
  FleetFailure failure = receive(now);
  if (!failure && !net_.connected()) failure = ended(hungUp());
  if (!failure && part_ == Part::Established) failure = send(now);
  if (!failure && awaitsAnswer() && now - answeredAt_ >= FLEET_REPLY_TIMEOUT_MS) {
    failure = ended(MqttEnding::NoAnswer);  // silence is no refusal: AWS IoT Core hangs up on what it does not allow
  }
  return failure;
}

void MqttSession::close() {
  part_ = Part::Closed;
  ring_.rewind();
}

FleetFailure MqttSession::receive(uint32_t now) {
  uint8_t chunk[kChunk];
  for (size_t total = 0; total < kInputPerStep;) {
    // Without data, read() gives 0 on the ESP8266 and -1 on the ESP32: so it is asked only when there is some.
    const int available = net_.available();
    if (available <= 0) break;
    const size_t want = static_cast<size_t>(available) < kChunk ? static_cast<size_t>(available) : kChunk;
    const int got = net_.read(chunk, want);
    if (got <= 0) break;
    total += static_cast<size_t>(got);
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      size_t taken;
      const PacketParser::Result result = parser_.feed(chunk + at, static_cast<size_t>(got) - at, taken);
      at += taken;
      FleetFailure failure;
      if (result == PacketParser::Result::Malformed) failure = ended(MqttEnding::Malformed);
      if (result == PacketParser::Result::Oversize) failure = handleOversize(now);
      if (result == PacketParser::Result::Packet) failure = handle(now);
      if (failure) return failure;
    }
  }
  return FleetFailure();
}

FleetFailure MqttSession::handle(uint32_t now) {
  const uint8_t type = parser_.first() & 0xf0;
  if (type == kConnack) return handleConnack();
  if (part_ != Part::Established) return ended(MqttEnding::Malformed);  // CONNACK comes first (MQTT 3.1.1, 3.2)
  if (type == kPublish) return handleCommand(now);

  uint16_t packetId;
  uint8_t code;
  if (type == kPuback) {
    if (!readPuback(parser_.body(), parser_.length(), packetId)) return ended(MqttEnding::Malformed);
    if (ring_.acknowledge(packetId)) {
      fruitful_ = true;
      answeredAt_ = now;
    }
  } else if (type == kSuback) {
    if (!readSuback(parser_.body(), parser_.length(), packetId, code)) return ended(MqttEnding::Malformed);
    if (packetId != kSubscribePacketId || subscription_ != Subscription::Asked) return ended(MqttEnding::Malformed);
    subscription_ = Subscription::Granted;  // refused or not: asking again would change nothing
    answeredAt_ = now;
    if (code == 0x80) refuse(subscriptionRefused());
  } else {  // PINGRESP
    if (parser_.length() != 0) return ended(MqttEnding::Malformed);
    pinging_ = false;
    fruitful_ = true;
    answeredAt_ = now;
  }
  return FleetFailure();
}

FleetFailure MqttSession::handleConnack() {
  bool sessionPresent;
  uint8_t code;
  if (part_ != Part::Connecting || !readConnack(parser_.body(), parser_.length(), sessionPresent, code)) {
    return ended(MqttEnding::Malformed);
  }
  if (code > 5) return ended(MqttEnding::Malformed);
  if (code != 0) return ended(static_cast<MqttEnding>(code));
  part_ = Part::Established;
  // The first connection after power-on subscribes in any case: the broker may remember the filter of an older
  // firmware.
  if (!sessionPresent && subscription_ == Subscription::Granted) subscription_ = Subscription::Wanted;
  return FleetFailure();
}

FleetFailure MqttSession::handleCommand(uint32_t now) {
  IncomingPublish publish;
  if (!readPublish(parser_.first(), parser_.body(), parser_.length(), publish)) return ended(MqttEnding::Malformed);
  if (onCommand_ != nullptr) onCommand_(publish.topic, publish.payload, publish.payloadLength);
  if (publish.qos == 0) return FleetFailure();
  return write(control_, writePuback(control_, sizeof(control_), publish.packetId), now);
}

FleetFailure MqttSession::handleOversize(uint32_t now) {
  if (part_ != Part::Established || (parser_.first() & 0xf0) != kPublish) return ended(MqttEnding::Malformed);
  refuse(commandTooLarge(parser_.size()));
  const uint16_t packetId = packetIdOfPublish(parser_.first(), parser_.body(), parser_.length());
  if (packetId == 0) return FleetFailure();
  // Unacknowledged, it would come again with every connection.
  return write(control_, writePuback(control_, sizeof(control_), packetId), now);
}

FleetFailure MqttSession::send(uint32_t now) {
  if (!awaitsAnswer()) answeredAt_ = now;

  if (subscription_ == Subscription::Wanted) {
    subscription_ = Subscription::Asked;
    const size_t size = writeSubscribe(control_, sizeof(control_), kSubscribePacketId, filter_);
    const FleetFailure failure = write(control_, size, now);
    if (failure) return failure;
  }

  size_t size;
  while (const uint8_t* packet = ring_.next(size)) {
    const FleetFailure failure = write(packet, size, now);
    ring_.sent();  // or perhaps not: the broker may have it all the same
    if (failure) return failure;
  }

  // A quarter early: a packet may be under way for a while, and loop() is not called all the time.
  if (!pinging_ && keepAliveMs_ > 0 && now - writtenAt_ >= keepAliveMs_ / 4 * 3) {
    pinging_ = true;
    return write(control_, writePingreq(control_, sizeof(control_)), now);
  }
  return FleetFailure();
}

FleetFailure MqttSession::write(const uint8_t* packet, size_t size, uint32_t now) {
  if (size == 0) return ended(MqttEnding::TooLargeToConnect);
  writtenAt_ = now;
  return net_.write(packet, size) == size ? FleetFailure() : ended(hungUp());
}

bool MqttSession::awaitsAnswer() const {
  return part_ == Part::Connecting || pinging_ || subscription_ == Subscription::Asked || ring_.inFlight() > 0;
}

/// What was open when the broker hung up is what it most likely did not like: AWS IoT Core gives no reason.
MqttEnding MqttSession::hungUp() const {
  if (part_ == Part::Connecting) return MqttEnding::HungUpOnConnect;
  if (subscription_ == Subscription::Asked) return MqttEnding::HungUpOnSubscribe;
  if (ring_.inFlight() > 0) return MqttEnding::HungUpOnPublish;
  return MqttEnding::HungUp;
}

void MqttSession::refuse(const FleetFailure& failure) {
  if (onRefusal_ != nullptr) onRefusal_(failure);
}

}  // namespace fleet
