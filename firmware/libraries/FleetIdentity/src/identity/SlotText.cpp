#include "SlotText.h"

namespace fleet {

void SlotTextWriter::begin(Slots& slots, uint8_t slot, size_t offset, size_t room) {
  slots_ = &slots;
  slot_ = slot;
  kept_ = true;
  offset_ = offset;
  room_ = room;
  length_ = 0;
  sum_ = 0;
}

void SlotTextWriter::put(char byte) {
  if (length_ == room_) {
    kept_ = false;
    return;
  }
  chunk_[length_++ % sizeof(chunk_)] = static_cast<uint8_t>(byte);
  sum_ = checksum(&byte, 1, sum_);
  if (length_ % sizeof(chunk_) == 0) flush(sizeof(chunk_));
}

bool SlotTextWriter::finish() {
  const size_t left = length_ % sizeof(chunk_);
  const size_t words = (left + 3) & ~size_t{3};
  for (size_t i = left; i < words; i++) chunk_[i] = 0xff;
  if (words > 0) flush(words);
  return kept_ && length_ > 0;
}

void SlotTextWriter::flush(size_t size) {
  const size_t at = (length_ - 1) / sizeof(chunk_) * sizeof(chunk_);
  kept_ = kept_ && slots_->writeBody(slot_, offset_ + at, chunk_, size);
}

void SlotTextStream::begin(const Slots& slots, uint8_t slot, size_t offset, size_t length) {
  slots_ = &slots;
  slot_ = slot;
  offset_ = offset;
  length_ = length;
  at_ = 0;
}

int SlotTextStream::peek() {
  uint8_t byte;
  return at_ < length_ && slots_->readBody(slot_, offset_ + at_, &byte, 1) ? byte : -1;
}

int SlotTextStream::read() {
  const int byte = peek();
  at_ = byte < 0 ? length_ : at_ + 1;  // flash that cannot be read ends it, else who reads it would wait for ever
  return byte;
}

}  // namespace fleet
