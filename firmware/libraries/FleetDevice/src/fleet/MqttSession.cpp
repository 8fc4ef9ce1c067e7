#include "MqttSession.h"

#include "LargeMessage.h"

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

void MqttSession::onPieces(FleetPieceHandler handler, void* argument) {
  onPieces_ = handler;
  piecesArgument_ = argument;
  const auto overflow = [](const uint8_t* bytes, size_t count, void* session) {
    static_cast<MqttSession*>(session)->handleOverflow(bytes, count);
  };
  parser_.onOverflow(overflow, this);
}

bool MqttSession::subscribe(const char* filter, FleetCommandHandler handler, void* argument) {
  uint8_t at = 0;
  while (at < count_ && strcmp(subscriptions_[at].filter, filter) != 0) at++;
  if (at == FLEET_SUBSCRIPTIONS) return false;
  subscriptions_[at] = {filter, handler, argument};
  if (at == count_) states_[count_++] = State::Wanted;
  return true;
}

void MqttSession::forget(const char* filter) {
  uint8_t kept = 0;
  for (uint8_t i = 0; i < count_; i++) {
    if (strcmp(subscriptions_[i].filter, filter) == 0) continue;
    subscriptions_[kept] = subscriptions_[i];
    states_[kept++] = states_[i];
  }
  count_ = kept;
}

bool MqttSession::change(State from, State to) {
  bool any = false;
  for (uint8_t i = 0; i < count_; i++) {
    if (states_[i] != from) continue;
    states_[i] = to;
    any = true;
  }
  return any;
}

bool MqttSession::asking() const {
  for (uint8_t i = 0; i < count_; i++) {
    if (states_[i] == State::Asked) return true;
  }
  return false;
}

bool MqttSession::subscribed() const {
  for (uint8_t i = 0; i < count_; i++) {
    if (states_[i] != State::Granted) return false;
  }
  return true;
}

FleetFailure MqttSession::open(const ConnectOptions& options, uint32_t now) {
  parser_.reset();
  overflowing_ = false;
  ring_.rewind();
  part_ = Part::Connecting;
  fruitful_ = false;
  pinging_ = false;
  keepAliveMs_ = options.keepAliveS * 1000ul;
  answeredAt_ = now;
  change(State::Asked, State::Wanted);
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

void MqttSession::leave() {
  if (part_ == Part::Established) write(control_, writeDisconnect(control_, sizeof(control_)), writtenAt_);
  close();
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
    // Refused or not, it counts as granted: asking again would change nothing.
    if (packetId != kSubscribePacketId || !change(State::Asked, State::Granted)) return ended(MqttEnding::Malformed);
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
  if (!sessionPresent) change(State::Granted, State::Wanted);
  return FleetFailure();
}

FleetFailure MqttSession::handleCommand(uint32_t now) {
  IncomingPublish publish;
  if (!readPublish(parser_.first(), parser_.body(), parser_.length(), publish)) return ended(MqttEnding::Malformed);
  for (uint8_t i = 0; i < count_; i++) {
    const Subscription& one = subscriptions_[i];
    if (!topicMatches(one.filter, publish.topic)) continue;
    if (one.handler != nullptr) {
      one.handler(publish.topic, publish.payload, publish.payloadLength, one.argument);
    } else {
      onPieces_(publish.topic, publish.payload, publish.payloadLength, true, piecesArgument_);
    }
  }
  if (publish.qos == 0) return FleetFailure();
  return write(control_, writePuback(control_, sizeof(control_), publish.packetId), now);
}

FleetFailure MqttSession::handleOversize(uint32_t now) {
  if (part_ != Part::Established || (parser_.first() & 0xf0) != kPublish) return ended(MqttEnding::Malformed);
  const uint16_t packetId =
      overflowing_ ? overflowId_ : packetIdOfPublish(parser_.first(), parser_.body(), parser_.length());
  if (overflowing_ && overflowTopic_ != nullptr) {
    onPieces_(overflowTopic_, "", 0, true, piecesArgument_);
  } else {
    refuse(commandTooLarge(parser_.size()));
  }
  overflowing_ = false;
  if (packetId == 0) return FleetFailure();
  // Unacknowledged, it would come again with every connection.
  return write(control_, writePuback(control_, sizeof(control_), packetId), now);
}

void MqttSession::handleOverflow(const uint8_t* bytes, size_t count) {
  if (!overflowing_) {
    IncomingPublish publish = {};
    overflowing_ = true;
    overflowTopic_ = nullptr;
    const bool isPublish = part_ == Part::Established && (parser_.first() & 0xf0) == kPublish &&
                           readPublish(parser_.first(), parser_.body(), parser_.length(), publish);
    overflowId_ = isPublish ? publish.packetId : 0;
    for (uint8_t i = 0; isPublish && i < count_; i++) {
      const Subscription& one = subscriptions_[i];
      if (one.handler == nullptr && topicMatches(one.filter, publish.topic)) overflowTopic_ = publish.topic;
    }
    if (overflowTopic_ != nullptr) {
      onPieces_(overflowTopic_, publish.payload, publish.payloadLength, false, piecesArgument_);
    }
  }
  if (overflowTopic_ != nullptr) {
    onPieces_(overflowTopic_, reinterpret_cast<const char*>(bytes), count, false, piecesArgument_);
  }
}

bool MqttSession::publishNow(const char* topic, FleetMessageWriter write, void* argument, uint32_t now) {
  if (!established()) return false;
  MessageCounter counter;
  write(counter, argument);
  const size_t head = writePublishHead(control_, sizeof(control_), 0, topic, counter.count());
  if (head == 0 || this->write(control_, head, now)) return false;
  MessageSender sender(net_);
  write(sender, argument);
  if (sender.finish() == counter.count()) return true;
  net_.stop();  // the broker would take what comes next for the rest of it
  return false;
}

FleetFailure MqttSession::send(uint32_t now) {
  if (!awaitsAnswer()) answeredAt_ = now;

  const FleetFailure failure = askNext(now);
  if (failure) return failure;

  size_t size;
  while (const uint8_t* packet = ring_.next(size, now)) {
    const FleetFailure unsent = write(packet, size, now);
    ring_.sent();  // or perhaps not: the broker may have it all the same
    if (unsent) return unsent;
  }

  // A quarter early: a packet may be under way for a while, and loop() is not called all the time.
  if (!pinging_ && keepAliveMs_ > 0 && now - writtenAt_ >= keepAliveMs_ / 4 * 3) {
    pinging_ = true;
    return write(control_, writePingreq(control_, sizeof(control_)), now);
  }
  return FleetFailure();
}

/// One SUBSCRIBE at a time: so its answer needs no table of packet ids.
FleetFailure MqttSession::askNext(uint32_t now) {
  if (asking()) return FleetFailure();
  for (uint8_t i = 0; i < count_; i++) {
    if (states_[i] != State::Wanted) continue;
    states_[i] = State::Asked;
    const size_t size = writeSubscribe(control_, sizeof(control_), kSubscribePacketId, subscriptions_[i].filter);
    return write(control_, size, now);
  }
  return FleetFailure();
}

FleetFailure MqttSession::write(const uint8_t* packet, size_t size, uint32_t now) {
  if (size == 0) return ended(MqttEnding::TooLargeToConnect);
  writtenAt_ = now;
  return net_.write(packet, size) == size ? FleetFailure() : ended(hungUp());
}

bool MqttSession::awaitsAnswer() const {
  return part_ == Part::Connecting || pinging_ || asking() || ring_.inFlight() > 0;
}

/// What was open when the broker hung up is what it most likely did not like: AWS IoT Core gives no reason.
MqttEnding MqttSession::hungUp() const {
  if (part_ == Part::Connecting) return MqttEnding::HungUpOnConnect;
  if (asking()) return MqttEnding::HungUpOnSubscribe;
  if (ring_.inFlight() > 0) return MqttEnding::HungUpOnPublish;
  return MqttEnding::HungUp;
}

void MqttSession::refuse(const FleetFailure& failure) {
  if (onRefusal_ != nullptr) onRefusal_(failure);
}

}  // namespace fleet
