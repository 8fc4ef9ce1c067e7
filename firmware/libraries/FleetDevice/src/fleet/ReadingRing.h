#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../FleetConfig.h"

namespace fleet {

/**
 * The readings that the broker has not acknowledged, oldest first, each kept as the PUBLISH packet that it will be
 * sent as. The head of the ring is the window in flight: nothing leaves before its PUBACK, and after a lost connection
 * the window is sent again, in order and with DUP.
 *
 * A packet lies in one piece, so that it takes one write, which on TLS is one record.
 *
 * Each time that a reading is sent, its age is written into it, when it is an object in JSON: a member `age`, in
 * milliseconds, behind all others. So a board without a clock can say when it was taken, however late it arrives.
 */
class ReadingRing {
 public:
  /// Packet ids go from 1 to this one.
  static const uint16_t kLastPacketId = 0xfffe;

  /// What the age adds to a message: `,"age":604800000`, blanks for what is not needed of it.
  static const size_t kAgeBytes = 16;
  /// A week in milliseconds: who is older than that tells no age, and `now` must not have gone round meanwhile.
  static const uint32_t kMaxAgeMs = 604800000;

  /**
   * @param now what millis() gives: when the reading was taken
   * @param withAge whether its age is to be written into it; it is left as it is when it does not look like an object
   * @return false when it does not fit, now or ever; see fits()
   */
  bool add(const char* topic, const uint8_t* payload, size_t length, uint32_t now, bool withAge = true);
  /// Whether such a reading fits into an empty ring.
  static bool fits(size_t topicLength, size_t length);

  /// The packet to send next, null when all are in flight or the window is full. sent() says that it was, and comes
  /// before anything else.
  const uint8_t* next(size_t& size, uint32_t now);
  void sent();
  /// The broker has a reading. False when none in flight has that id.
  bool acknowledge(uint16_t packetId);
  /// Leaves out the ages of what is too old for one. To be called once in some days, as long as any is there.
  void dropAges(uint32_t now);
  /// The connection is gone: the window has to be sent again.
  void rewind();
  void clear();

  /**
   * Copies the readings, oldest first, as many as fit, into memory that outlives a sleep.
   *
   * @return how many did not fit
   */
  size_t keep(uint8_t* memory, size_t size, uint32_t now) const;
  /// Takes them back into an empty ring. False, and nothing is taken, when the memory holds none that were kept.
  bool resume(const uint8_t* memory, size_t size, uint32_t now, uint32_t sleptMs);

  size_t count() const { return count_; }
  size_t inFlight() const { return inFlight_; }

 private:
  enum : uint8_t { kSent = 1, kAcknowledged = 2, kAged = 4, kTooOld = 8 };
  struct __attribute__((packed)) Header {
    uint32_t takenAt;
    uint16_t size;  ///< of the packet as it lies here: the end of one with an age is written when it is sent
    uint16_t packetId;
    uint8_t flags;
  };
  /// The age and the bracket behind it: they cover what lies behind a packet while it is sent.
  static const size_t kEndBytes = kAgeBytes + 1;
  /// Where a packet may end at most.
  static const size_t kUsable = FLEET_RING_BYTES - kEndBytes;
  static_assert(FLEET_RING_BYTES <= 0xffff, "FLEET_RING_BYTES can be 65535 at most");

  uint8_t bytes_[FLEET_RING_BYTES];
  size_t head_ = 0;
  size_t tail_ = 0;
  /// Where the part before the wrap ends.
  size_t end_ = kUsable;
  /// The first packet that is not in flight.
  size_t unsent_ = 0;
  size_t count_ = 0;
  size_t inFlight_ = 0;
  uint16_t lastPacketId_ = 0;
  uint8_t covered_[kEndBytes];
  uint8_t* cover_ = nullptr;

  // Headers lie where the packet before ended: copied, since the chips cannot read a number at an odd address.
  __attribute__((always_inline)) Header read(size_t at) const {  // a frame of its own would cost 48 bytes of stack
    Header header;
    memcpy(&header, bytes_ + at, sizeof(header));
    return header;
  }
  void write(size_t at, const Header& header) { memcpy(bytes_ + at, &header, sizeof(header)); }
  size_t after(size_t at, const Header& header) const;
  bool place(size_t need, size_t& at);
  void writeEnd(uint8_t* at, const Header& header, uint32_t now);
  void uncover();
  void dropAcknowledgedHead();
  void skipAcknowledged();
};

}  // namespace fleet
