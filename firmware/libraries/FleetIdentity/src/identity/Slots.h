#pragma once

#include "Flash.h"

namespace fleet {

/// What every record begins with.
struct SlotHead {
  uint32_t checksum;  ///< of the record behind this number
  uint32_t sequence;
  uint32_t bodyBytes;
  uint32_t bodyChecksum;
};

/// CRC-32 as in IEEE 802.3; of several pieces, each with what the one before gave.
uint32_t checksum(const void* bytes, size_t size, uint32_t before = 0);

/**
 * Two slots for one kind of record, of which the newest whole one counts. A slot is one area of flash: a record at its
 * beginning, a body behind it, a mark at its end. The record is written last and has the checksums, so that whatever a
 * power cut leaves half written does not count, and the other slot does.
 */
class Slots {
 public:
  static const uint8_t kNone = 0xff;
  static const size_t kBodyAt = 512;
  static const size_t kMostBytes = Flash::kAreaBytes - kBodyAt - 4;  ///< of a body

  /// @param area the first of its two
  /// @param recordBytes with the head; a multiple of 4 and at most kBodyAt
  Slots(uint8_t area, size_t recordBytes) : area_(area), recordBytes_(recordBytes) {}

  /// The slot with the newest whole record, or kNone.
  uint8_t newest() const;
  /// The other slot, if its record is whole too.
  uint8_t older() const;
  /// Copies a record. False when the slot has no whole one.
  bool read(uint8_t slot, void* record) const;
  bool readBody(uint8_t slot, size_t offset, void* bytes, size_t size) const;

  /// The first step of writing: from here on the slot has no record.
  bool erase(uint8_t slot);
  /// @param offset,size multiples of 4
  bool writeBody(uint8_t slot, size_t offset, const void* bytes, size_t size);
  /// The last step. The head's length and checksum of the body are the caller's. False when flash has not kept it.
  bool commit(uint8_t slot, void* record);

  /// Whether mark() was called since erase(). A cut can lose a mark, never make one.
  bool marked(uint8_t slot) const;
  bool mark(uint8_t slot);
  /// Erases a slot, unless it is blank.
  bool free(uint8_t slot);

 private:
  uint8_t area_;
  size_t recordBytes_;

  bool whole(uint8_t slot, SlotHead& head) const;
};

}  // namespace fleet
