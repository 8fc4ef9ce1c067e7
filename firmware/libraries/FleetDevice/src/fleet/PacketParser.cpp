#include "PacketParser.h"

#include <string.h>

#include "PacketWriter.h"

namespace fleet {

namespace {

uint16_t number(const uint8_t* at) {
  return static_cast<uint16_t>(at[0] << 8 | at[1]);
}

/// Whether a broker may send such a packet to a client (MQTT 3.1.1, 2.2.1 and 2.2.2).
bool fromBroker(uint8_t first) {
  if ((first & 0xf0) == kPublish) return (first & 0x06) != 0x06;  // there is no QoS 3
  return first == kConnack || first == kPuback || first == kSuback || first == kPingresp;
}

}  // namespace

void PacketParser::reset() {
  part_ = Part::First;
  first_ = 0;
  shift_ = 0;
  remaining_ = 0;
  seen_ = 0;
  kept_ = 0;
}

PacketParser::Result PacketParser::feed(const uint8_t* bytes, size_t count, size_t& taken) {
  taken = 0;
  while (taken < count) {
    if (part_ == Part::First) {
      reset();
      first_ = bytes[taken++];
      if (!fromBroker(first_)) return Result::Malformed;
      part_ = Part::Length;
    } else if (part_ == Part::Length) {
      const uint8_t digit = bytes[taken++];
      remaining_ |= static_cast<uint32_t>(digit & 0x7f) << shift_;
      shift_ += 7;
      if (digit & 0x80) {
        if (shift_ == 28) return Result::Malformed;  // a fifth byte
        continue;
      }
      part_ = Part::Body;
      if (remaining_ == 0) return whole();
    } else {
      const size_t here = count - taken;
      const size_t step = here < remaining_ - seen_ ? here : remaining_ - seen_;
      const size_t keep = step < room_ - kept_ ? step : room_ - kept_;
      memcpy(buffer_ + kept_, bytes + taken, keep);
      kept_ += keep;
      if (step > keep && overflow_ != nullptr) overflow_(bytes + taken + keep, step - keep, argument_);
      seen_ += static_cast<uint32_t>(step);
      taken += step;
      if (seen_ == remaining_) return whole();
    }
  }
  return Result::NeedMore;
}

PacketParser::Result PacketParser::whole() {
  part_ = Part::First;
  return remaining_ > room_ ? Result::Oversize : Result::Packet;
}

bool readConnack(const uint8_t* body, size_t length, bool& sessionPresent, uint8_t& code) {
  if (length != 2 || body[0] > 1) return false;
  sessionPresent = body[0] == 1;
  code = body[1];
  return true;
}

bool readSuback(const uint8_t* body, size_t length, uint16_t& packetId, uint8_t& code) {
  if (length != 3) return false;  // one code: this client asks for one filter
  packetId = number(body);
  code = body[2];
  return code <= 2 || code == 0x80;
}

bool readPuback(const uint8_t* body, size_t length, uint16_t& packetId) {
  if (length != 2) return false;
  packetId = number(body);
  return packetId != 0;
}

bool readPublish(uint8_t first, uint8_t* body, size_t length, IncomingPublish& publish) {
  publish.qos = first >> 1 & 3;
  if (publish.qos > 1 || length < 2) return false;  // QoS 2 was never asked for
  const size_t topicLength = number(body);
  const size_t idLength = publish.qos == 0 ? 0 : 2;
  if (topicLength == 0 || length < 2 + topicLength + idLength) return false;
  if (memchr(body + 2, 0, topicLength) != nullptr) return false;
  publish.packetId = packetIdOfPublish(first, body, length);
  if (publish.qos == 1 && publish.packetId == 0) return false;

  memmove(body + 1, body + 2, topicLength);
  body[1 + topicLength] = 0;
  body[length] = 0;
  publish.topic = reinterpret_cast<const char*>(body + 1);
  publish.payload = reinterpret_cast<const char*>(body + 2 + topicLength + idLength);
  publish.payloadLength = length - 2 - topicLength - idLength;
  return true;
}

uint16_t packetIdOfPublish(uint8_t first, const uint8_t* body, size_t length) {
  if ((first & 0x06) == 0 || length < 2) return 0;
  const size_t topicLength = number(body);
  return length < 2 + topicLength + 2 ? 0 : number(body + 2 + topicLength);
}

bool topicMatches(const char* filter, const char* topic) {
  if (*topic == '$' && *filter != '$') return false;  // a wildcard at the beginning does not stand for those (4.7.2)
  while (*filter != 0) {
    if (*filter == '#') return true;
    if (*filter == '+') {
      filter++;
      while (*topic != 0 && *topic != '/') topic++;
    } else if (*filter == *topic) {
      filter++;
      topic++;
    } else {
      return *topic == 0 && strcmp(filter, "/#") == 0;  // `a/#` is for `a` too
    }
  }
  return *topic == 0;
}

}  // namespace fleet
