#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fleet {

/*
  The MQTT 3.1.1 packets that a device sends, written into memory of the caller. Each function gives back how many bytes
  it wrote, 0 when there is no room for the packet or MQTT cannot say it. Why by hand: firmware/README.md, "Why an MQTT
  client of our own".
*/

/// First bytes of packets, type and flags (MQTT 3.1.1, 2.2).
enum : uint8_t {
  kConnect = 0x10,
  kConnack = 0x20,
  kPublish = 0x30,
  kPuback = 0x40,
  kSubscribe = 0x82,
  kSuback = 0x90,
  kPingreq = 0xc0,
  kPingresp = 0xd0,
  kDisconnect = 0xe0,
};
enum : uint8_t { kDupFlag = 0x08, kQos1Flag = 0x02 };

struct ConnectOptions {
  const char* clientId;
  /// Null: no last will.
  const char* willTopic;
  const char* willPayload;
  uint16_t keepAliveS;
  /// False: a persistent session, in which the broker keeps the subscription and the commands of a device that is away.
  bool cleanSession;
};

size_t writeConnect(uint8_t* to, size_t room, const ConnectOptions& options);
size_t writeSubscribe(uint8_t* to, size_t room, uint16_t packetId, const char* filter);
/// PUBLISH with QoS 1.
size_t writePublish(uint8_t* to, size_t room, uint16_t packetId, const char* topic, const uint8_t* payload,
                    size_t length);
/// The same up to its payload, which has so many bytes; with QoS 0 when the packet id is 0.
size_t writePublishHead(uint8_t* to, size_t room, uint16_t packetId, const char* topic, size_t payloadLength);
size_t writePuback(uint8_t* to, size_t room, uint16_t packetId);
size_t writePingreq(uint8_t* to, size_t room);
size_t writeDisconnect(uint8_t* to, size_t room);

/// What writePublish() needs; 0 when MQTT cannot say it.
size_t publishSize(size_t topicLength, size_t payloadLength);

}  // namespace fleet
