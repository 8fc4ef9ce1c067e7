#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../FleetConfig.h"

namespace fleet {

/**
 * The readings that the broker has not acknowledged, oldest first, each kept as the PUBLISH packet that it will be
 * sent as. The head of the ring is the window in flight: nothing leaves before its PUBACK, and after a lost connection
 * the window is sent again, in order and with DUP.
 *
 * A packet lies in one piece, so that it takes one write, which on TLS is one record.
 */
class ReadingRing {
 public:
  /// Packet ids go from 1 to this one.
  static const uint16_t kLastPacketId = 0xfffe;

  /// False when it does not fit, now or ever; see fits().
  bool add(const char* topic, const uint8_t* payload, size_t length);
  /// Whether such a reading fits into an empty ring.
  static bool fits(size_t topicLength, size_t length);

  /// The packet to send next, null when all are in flight or the window is full. sent() says that it was.
  const uint8_t* next(size_t& size);
  void sent();
  /// The broker has a reading. False when none in flight has that id.
  bool acknowledge(uint16_t packetId);
  /// The connection is gone: the window has to be sent again.
  void rewind();

  size_t count() const { return count_; }
  size_t inFlight() const { return inFlight_; }

 private:
  struct Header {
    uint16_t size;
    uint16_t packetId;
    bool sent;
    bool acknowledged;
  };
  static_assert(FLEET_RING_BYTES <= 0xffff, "FLEET_RING_BYTES can be 65535 at most");

  uint8_t bytes_[FLEET_RING_BYTES];
  size_t head_ = 0;
  size_t tail_ = 0;
  /// Where the part before the wrap ends.
  size_t end_ = FLEET_RING_BYTES;
  /// The first packet that is not in flight.
  size_t unsent_ = 0;
  size_t count_ = 0;
  size_t inFlight_ = 0;
  uint16_t lastPacketId_ = 0;

  Header read(size_t at) const;
  void write(size_t at, const Header& header);
  size_t after(size_t at, const Header& header) const;
  bool place(size_t need, size_t& at);
  void dropAcknowledgedHead();
  void skipAcknowledged();
};

}  // namespace fleet
