#include "ReadingRing.h"

#include <string.h>

#include "PacketWriter.h"

namespace fleet {

namespace {

const uint32_t kKeptMark = 0x464c5235;

struct Kept {
  uint32_t check;
  uint16_t ringBytes;
  uint16_t length;
  uint16_t count;
  uint16_t lastPacketId;
};

/// FNV-1a: tells memory that was kept from what stands in it after power-on.
uint32_t checksum(const Kept& kept, const uint8_t* bytes) {
  uint32_t sum = kKeptMark;
  const auto add = [&sum](const uint8_t* from, size_t count) {
    for (size_t i = 0; i < count; i++) sum = (sum ^ from[i]) * 16777619u;
  };
  add(reinterpret_cast<const uint8_t*>(&kept) + sizeof(kept.check), sizeof(kept) - sizeof(kept.check));
  add(bytes, kept.length);
  return sum;
}

bool looksLikeObject(const uint8_t* payload, size_t length) {
  return length >= 2 && payload[0] == '{' && payload[length - 1] == '}';
}

}  // namespace

const size_t ReadingRing::kAgeBytes;
const uint32_t ReadingRing::kMaxAgeMs;

bool ReadingRing::fits(size_t topicLength, size_t length) {
  const size_t size = publishSize(topicLength, length);
  return size > 0 && size + kAgeBytes <= kUsable - sizeof(Header);
}

bool ReadingRing::add(const char* topic, const uint8_t* payload, size_t length, uint32_t now, bool withAge) {
  if (!fits(strlen(topic), length)) return false;
  const bool aged = withAge && looksLikeObject(payload, length);
  const size_t sentLength = aged ? length + kAgeBytes : length;
  const size_t kept = aged ? length - 1 : length;
  const size_t size = publishSize(strlen(topic), sentLength) - sentLength + kept;
  size_t at;
  if (!place(sizeof(Header) + size, at)) return false;
  lastPacketId_ = lastPacketId_ == kLastPacketId ? 1 : lastPacketId_ + 1;
  const Header header = {now, static_cast<uint16_t>(size), lastPacketId_, static_cast<uint8_t>(aged ? kAged : 0)};
  write(at, header);
  uint8_t* packet = bytes_ + at + sizeof(Header);
  const size_t head = writePublishHead(packet, size, lastPacketId_, topic, sentLength);
  if (kept > 0) memcpy(packet + head, payload, kept);
  if (count_ == inFlight_) unsent_ = at;
  tail_ = at + sizeof(Header) + size;
  count_++;
  return true;
}

const uint8_t* ReadingRing::next(size_t& size, uint32_t now) {
  uncover();
  skipAcknowledged();
  if (inFlight_ == count_ || inFlight_ >= FLEET_WINDOW) return nullptr;
  const Header header = read(unsent_);
  uint8_t* packet = bytes_ + unsent_ + sizeof(Header);
  if (header.flags & kSent) packet[0] |= kDupFlag;
  size = header.size;
  if (header.flags & kAged) {
    writeEnd(packet + size, header, now);
    size += kEndBytes;
  }
  return packet;
}

/// Writes the end of a message over what lies there.
void ReadingRing::writeEnd(uint8_t* at, const Header& header, uint32_t now) {
  memcpy(covered_, at, kEndBytes);
  cover_ = at;
  memset(at, ' ', kAgeBytes);
  at[kAgeBytes] = '}';
  uint32_t age = now - header.takenAt;
  if ((header.flags & kTooOld) || age > kMaxAgeMs) return;
  const uint8_t* before = at - 1;
  while (*before == ' ' || *before == '\t' || *before == '\r' || *before == '\n') before--;
  memcpy(at, ",\"age\":", 7);
  if (*before == '{') at[0] = ' ';
  size_t digits = 1;
  for (uint32_t rest = age; rest >= 10; rest /= 10) digits++;
  for (uint8_t* digit = at + 7 + digits; digits > 0; digits--, age /= 10)
    *--digit = static_cast<uint8_t>('0' + age % 10);
}

void ReadingRing::uncover() {
  if (cover_ != nullptr) memcpy(cover_, covered_, kEndBytes);
  cover_ = nullptr;
}

void ReadingRing::sent() {
  uncover();
  Header header = read(unsent_);
  header.flags |= kSent;
  write(unsent_, header);
  unsent_ = after(unsent_, header);
  inFlight_++;
}

bool ReadingRing::acknowledge(uint16_t packetId) {
  size_t at = head_;
  for (size_t i = 0; i < inFlight_; i++) {
    Header header = read(at);
    if (header.packetId == packetId) {
      header.flags |= kAcknowledged;
      write(at, header);
      dropAcknowledgedHead();
      return true;
    }
    at = after(at, header);
  }
  return false;
}

void ReadingRing::dropAges(uint32_t now) {
  size_t at = head_;
  for (size_t i = 0; i < count_; i++) {
    Header header = read(at);
    if (now - header.takenAt > kMaxAgeMs) {
      header.flags |= kTooOld;
      write(at, header);
    }
    at = after(at, header);
  }
}

size_t ReadingRing::keep(uint8_t* memory, size_t size, uint32_t now) const {
  Kept kept = {0, FLEET_RING_BYTES, 0, 0, lastPacketId_};
  if (size < sizeof(kept)) return count_;
  uint8_t* to = memory + sizeof(kept);
  size_t left = 0;
  size_t at = head_;
  for (size_t i = 0; i < count_; i++) {
    Header header = read(at);
    const uint8_t* packet = bytes_ + at + sizeof(Header);
    at = after(at, header);
    if (header.flags & kAcknowledged) continue;
    const size_t need = sizeof(Header) + header.size;
    if (left > 0 || sizeof(kept) + kept.length + need > size) {  // what is newer than one left behind is left as well
      left++;
      continue;
    }
    header.takenAt = now - header.takenAt;  // its age, for `now` begins anew after the sleep
    memcpy(to + kept.length, &header, sizeof(header));
    memcpy(to + kept.length + sizeof(header), packet, header.size);
    kept.length = static_cast<uint16_t>(kept.length + need);
    kept.count++;
  }
  kept.check = checksum(kept, to);
  memcpy(memory, &kept, sizeof(kept));
  return left;
}

bool ReadingRing::resume(const uint8_t* memory, size_t size, uint32_t now, uint32_t sleptMs) {
  Kept kept;
  if (count_ > 0 || size < sizeof(kept)) return false;
  memcpy(&kept, memory, sizeof(kept));
  memory += sizeof(kept);
  if (kept.ringBytes != FLEET_RING_BYTES || kept.length > kUsable || kept.length > size - sizeof(kept)) return false;
  if (kept.check != checksum(kept, memory)) return false;
  memcpy(bytes_, memory, kept.length);
  head_ = unsent_ = inFlight_ = 0;
  tail_ = kept.length;
  end_ = kUsable;
  count_ = kept.count;
  lastPacketId_ = kept.lastPacketId;
  for (size_t i = 0, at = 0; i < count_; i++) {
    Header header = read(at);
    if (header.takenAt > kMaxAgeMs || sleptMs > kMaxAgeMs - header.takenAt) header.flags |= kTooOld;
    header.takenAt = now - sleptMs - header.takenAt;
    write(at, header);
    at = after(at, header);
  }
  return true;
}

void ReadingRing::rewind() {
  uncover();
  unsent_ = head_;
  inFlight_ = 0;
}

void ReadingRing::clear() {
  rewind();
  count_ = 0;
}

void ReadingRing::dropAcknowledgedHead() {
  while (inFlight_ > 0) {
    const Header header = read(head_);
    if (!(header.flags & kAcknowledged)) return;
    head_ = after(head_, header);
    if (head_ == 0) end_ = kUsable;
    inFlight_--;
    count_--;
  }
}

/// An acknowledgement can overtake an older one before the connection is lost: that packet is not sent again.
void ReadingRing::skipAcknowledged() {
  while (inFlight_ < count_) {
    const Header header = read(unsent_);
    if (!(header.flags & kAcknowledged)) return;
    unsent_ = after(unsent_, header);
    inFlight_++;
  }
}

/// Finds room in one piece, behind the tail or, when the end of the memory is too near, at its beginning.
bool ReadingRing::place(size_t need, size_t& at) {
  if (count_ == 0) {
    head_ = tail_ = 0;
    end_ = kUsable;
  }
  const bool wrapped = count_ > 0 && tail_ <= head_;
  const size_t behindTail = (wrapped ? head_ : kUsable) - tail_;
  if (need <= behindTail) {
    at = tail_;
    return true;
  }
  if (wrapped || need > head_) return false;
  end_ = tail_;
  at = 0;
  return true;
}

size_t ReadingRing::after(size_t at, const Header& header) const {
  const size_t next = at + sizeof(Header) + header.size;
  return next == end_ ? 0 : next;
}

}  // namespace fleet
