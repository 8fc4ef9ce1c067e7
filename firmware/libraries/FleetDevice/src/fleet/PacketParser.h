#pragma once

#include <stddef.h>
#include <stdint.h>

namespace fleet {

/**
 * Cuts a stream of bytes into MQTT packets, in memory of fixed size, however the bytes are split. A packet that is too
 * large is skipped without losing the ones behind it. Why by hand: firmware/README.md, "Why an MQTT client of our own".
 */
class PacketParser {
 public:
  enum class Result : uint8_t {
    NeedMore,   ///< all bytes are taken
    Packet,     ///< a whole packet: first(), body(), length()
    Oversize,   ///< a packet that was skipped: body() and length() are its beginning, size() all of it
    Malformed,  ///< this is not MQTT: the connection is of no use any more
  };

  /// Takes the bytes of a packet's body that the buffer has no room for, as they come; null: they are skipped.
  typedef void (*Overflow)(const uint8_t* bytes, size_t count, void* argument);
  void onOverflow(Overflow overflow, void* argument) {
    overflow_ = overflow;
    argument_ = argument;
  }

  /// @param buffer holds the body of a packet, the bytes after its remaining length; the last byte stays unused
  PacketParser(uint8_t* buffer, size_t size) : buffer_(buffer), room_(size - 1) { reset(); }

  /// Forgets what it has: a new connection begins.
  void reset();

  /// Takes bytes up to the end of one packet; `taken` says how many. Call again with the rest.
  Result feed(const uint8_t* bytes, size_t count, size_t& taken);

  /// Type and flags.
  uint8_t first() const { return first_; }
  /// One byte more than length() may be written: room for a terminating 0.
  uint8_t* body() { return buffer_; }
  size_t length() const { return kept_; }
  /// The length of the body that the packet announced.
  uint32_t size() const { return remaining_; }

 private:
  enum class Part : uint8_t { First, Length, Body };

  uint8_t* buffer_;
  size_t room_;
  Part part_;
  uint8_t first_;
  uint8_t shift_;
  uint32_t remaining_;
  uint32_t seen_;
  size_t kept_;
  Overflow overflow_ = nullptr;
  void* argument_ = nullptr;

  Result whole();
};

/*
  What the bodies say. Each function is false when the body is not what MQTT 3.1.1 asks for.
*/

bool readConnack(const uint8_t* body, size_t length, bool& sessionPresent, uint8_t& code);
bool readSuback(const uint8_t* body, size_t length, uint16_t& packetId, uint8_t& code);
bool readPuback(const uint8_t* body, size_t length, uint16_t& packetId);

/// A PUBLISH. Topic and payload are terminated by a 0 each, for those who take them for text.
struct IncomingPublish {
  const char* topic;
  const char* payload;
  size_t payloadLength;
  uint8_t qos;
  uint16_t packetId;
};

/// Moves the topic in place to make room for its end: can be called once a packet.
bool readPublish(uint8_t first, uint8_t* body, size_t length, IncomingPublish& publish);

/// The packet id of a PUBLISH of which only the beginning is there; 0 when there is none, or it is not in there.
uint16_t packetIdOfPublish(uint8_t first, const uint8_t* body, size_t length);

/// Whether a topic is one of a filter, `+` and `#` in it (MQTT 3.1.1, 4.7).
bool topicMatches(const char* filter, const char* topic);

}  // namespace fleet
