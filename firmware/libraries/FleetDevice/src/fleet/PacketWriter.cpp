#include "PacketWriter.h"

#include <string.h>

namespace fleet {

namespace {

const size_t kMaxString = 0xffff;
/// Flags of CONNECT (MQTT 3.1.1, 3.1.2.3): a will, with QoS 1; and a clean session.
const uint8_t kWillQos1 = 0x0c;
const uint8_t kCleanSession = 0x02;
const size_t kMaxRemainingLength = 268435455;  // four bytes of seven bits each (MQTT 3.1.1, 2.2.3)

/// Writes one after the other. The caller has made sure that all of it fits.
class Cursor {
 public:
  explicit Cursor(uint8_t* at) : at_(at) {}

  /// What was written since then.
  size_t size(const uint8_t* since) const { return static_cast<size_t>(at_ - since); }

  void byte(uint8_t value) { *at_++ = value; }

  void number(uint16_t value) {
    byte(static_cast<uint8_t>(value >> 8));
    byte(static_cast<uint8_t>(value));
  }

  void bytes(const void* from, size_t length) {
    if (length > 0) memcpy(at_, from, length);
    at_ += length;
  }

  void string(const char* text, size_t length) {
    number(static_cast<uint16_t>(length));
    bytes(text, length);
  }

  void remainingLength(size_t length) {
    do {
      const uint8_t digit = length & 0x7f;
      length >>= 7;
      byte(length > 0 ? digit | 0x80 : digit);
    } while (length > 0);
  }

 private:
  uint8_t* at_;
};

size_t packetSize(size_t remaining) {
  const size_t digits = remaining < 128 ? 1 : remaining < 16384 ? 2 : remaining < 2097152 ? 3 : 4;
  return 1 + digits + remaining;
}

}  // namespace

size_t writeConnect(uint8_t* to, size_t room, const ConnectOptions& options) {
  const bool will = options.willTopic != nullptr;
  const size_t id = strlen(options.clientId);
  const size_t topic = will ? strlen(options.willTopic) : 0;
  const size_t payload = will ? strlen(options.willPayload) : 0;
  if (id > kMaxString || topic > kMaxString || payload > kMaxString) return 0;
  const size_t remaining = 10 + 2 + id + (will ? 4 + topic + payload : 0);
  const size_t size = packetSize(remaining);
  if (size > room) return 0;

  Cursor cursor(to);
  cursor.byte(kConnect);
  cursor.remainingLength(remaining);
  cursor.string("MQTT", 4);
  cursor.byte(4);  // protocol level of 3.1.1
  cursor.byte((will ? kWillQos1 : 0) | (options.cleanSession ? kCleanSession : 0));
  cursor.number(options.keepAliveS);
  cursor.string(options.clientId, id);
  if (will) {
    cursor.string(options.willTopic, topic);
    cursor.string(options.willPayload, payload);
  }
  return size;
}

size_t writeSubscribe(uint8_t* to, size_t room, uint16_t packetId, const char* filter) {
  const size_t length = strlen(filter);
  const size_t size = packetSize(2 + 2 + length + 1);
  if (length > kMaxString || size > room) return 0;
  Cursor cursor(to);
  cursor.byte(kSubscribe);
  cursor.remainingLength(2 + 2 + length + 1);
  cursor.number(packetId);
  cursor.string(filter, length);
  cursor.byte(1);  // QoS 1 at most
  return size;
}

size_t publishSize(size_t topicLength, size_t payloadLength) {
  if (topicLength == 0 || topicLength > kMaxString || payloadLength > kMaxRemainingLength - kMaxString - 4) return 0;
  return packetSize(2 + topicLength + 2 + payloadLength);
}

size_t writePublishHead(uint8_t* to, size_t room, uint16_t packetId, const char* topic, size_t payloadLength) {
  const size_t topicLength = strlen(topic);
  const size_t size = publishSize(topicLength, payloadLength);
  if (size == 0 || size - payloadLength > room) return 0;
  const bool qos1 = packetId != 0;
  Cursor cursor(to);
  cursor.byte(static_cast<uint8_t>(kPublish | (qos1 ? kQos1Flag : 0)));
  cursor.remainingLength(2 + topicLength + (qos1 ? 2 : 0) + payloadLength);
  cursor.string(topic, topicLength);
  if (qos1) cursor.number(packetId);
  return cursor.size(to);
}

size_t writePublish(uint8_t* to, size_t room, uint16_t packetId, const char* topic, const uint8_t* payload,
                    size_t length) {
  if (publishSize(strlen(topic), length) > room) return 0;
  const size_t head = writePublishHead(to, room, packetId, topic, length);
  if (head == 0) return 0;
  if (length > 0) memcpy(to + head, payload, length);
  return head + length;
}

size_t writePuback(uint8_t* to, size_t room, uint16_t packetId) {
  if (room < 4) return 0;
  Cursor cursor(to);
  cursor.byte(kPuback);
  cursor.remainingLength(2);
  cursor.number(packetId);
  return 4;
}

static size_t writeEmpty(uint8_t* to, size_t room, uint8_t first) {
  if (room < 2) return 0;
  Cursor cursor(to);
  cursor.byte(first);
  cursor.remainingLength(0);
  return 2;
}

size_t writePingreq(uint8_t* to, size_t room) {
  return writeEmpty(to, room, kPingreq);
}

size_t writeDisconnect(uint8_t* to, size_t room) {
  return writeEmpty(to, room, kDisconnect);
}

}  // namespace fleet
