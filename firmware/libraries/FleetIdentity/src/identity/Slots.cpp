#include "Slots.h"

namespace fleet {

namespace {

const size_t kMarkAt = Flash::kAreaBytes - 4;
const size_t kStep = 64;
/// Of the way in which records are laid out: another one does not count.
const uint32_t kFormat = 0x46490001;

}  // namespace

uint32_t checksum(const void* bytes, size_t size, uint32_t before) {
  uint32_t crc = ~before;
  for (size_t i = 0; i < size; i++) {
    crc ^= static_cast<const uint8_t*>(bytes)[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

bool Slots::whole(uint8_t slot, SlotHead& head) const {
  const uint8_t area = area_ + slot;
  if (!Flash::read(area, 0, &head, sizeof(head)) || head.bodyBytes > kMostBytes) return false;
  uint8_t step[kStep];
  const auto sumOf = [&](size_t from, size_t to, uint32_t sum) {
    for (size_t at = from; at < to; at += kStep) {
      const size_t size = to - at < kStep ? to - at : kStep;
      if (!Flash::read(area, at, step, size)) return ~sum;
      sum = checksum(step, size, sum);
    }
    return sum;
  };
  return head.checksum == sumOf(sizeof(head.checksum), recordBytes_, kFormat) &&
         head.bodyChecksum == sumOf(kBodyAt, kBodyAt + head.bodyBytes, 0);
}

uint8_t Slots::newest() const {
  SlotHead first, second;
  const bool firstCounts = whole(0, first);
  if (!whole(1, second)) return firstCounts ? 0 : kNone;
  return firstCounts && first.sequence > second.sequence ? 0 : 1;
}

uint8_t Slots::older() const {
  const uint8_t slot = newest();
  SlotHead head;
  return slot != kNone && whole(1 - slot, head) ? 1 - slot : kNone;
}

bool Slots::read(uint8_t slot, void* record) const {
  SlotHead head;
  return whole(slot, head) && Flash::read(area_ + slot, 0, record, recordBytes_);
}

bool Slots::readBody(uint8_t slot, size_t offset, void* bytes, size_t size) const {
  return Flash::read(area_ + slot, kBodyAt + offset, bytes, size);
}

bool Slots::erase(uint8_t slot) {
  return Flash::erase(area_ + slot);
}

bool Slots::writeBody(uint8_t slot, size_t offset, const void* bytes, size_t size) {
  return offset + size <= kMostBytes && Flash::write(area_ + slot, kBodyAt + offset, bytes, size);
}

bool Slots::commit(uint8_t slot, void* record) {
  auto* head = static_cast<SlotHead*>(record);
  SlotHead other, written;
  head->sequence = whole(1 - slot, other) ? other.sequence + 1 : 1;
  head->checksum =
      checksum(static_cast<uint8_t*>(record) + sizeof(head->checksum), recordBytes_ - sizeof(head->checksum), kFormat);
  return Flash::write(area_ + slot, 0, record, recordBytes_) && whole(slot, written);
}

bool Slots::marked(uint8_t slot) const {
  uint32_t mark;
  return Flash::read(area_ + slot, kMarkAt, &mark, sizeof(mark)) && mark == 0;
}

bool Slots::mark(uint8_t slot) {
  const uint32_t mark = 0;
  return Flash::write(area_ + slot, kMarkAt, &mark, sizeof(mark));
}

bool Slots::free(uint8_t slot) {
  uint8_t step[kStep];
  for (size_t at = 0; at < Flash::kAreaBytes; at += kStep) {
    if (!Flash::read(area_ + slot, at, step, kStep)) return false;
    for (const uint8_t byte : step) {
      if (byte != 0xff) return erase(slot);
    }
  }
  return true;
}

}  // namespace fleet
