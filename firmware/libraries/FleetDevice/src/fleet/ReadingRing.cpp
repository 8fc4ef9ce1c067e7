#include "ReadingRing.h"

#include <string.h>

#include "PacketWriter.h"

namespace fleet {

bool ReadingRing::fits(size_t topicLength, size_t length) {
  const size_t size = publishSize(topicLength, length);
  return size > 0 && size <= FLEET_RING_BYTES - sizeof(Header);
}

bool ReadingRing::add(const char* topic, const uint8_t* payload, size_t length) {
  if (!fits(strlen(topic), length)) return false;
  const size_t size = publishSize(strlen(topic), length);
  size_t at;
  if (!place(sizeof(Header) + size, at)) return false;
  lastPacketId_ = lastPacketId_ == kLastPacketId ? 1 : lastPacketId_ + 1;
  const Header header = {static_cast<uint16_t>(size), lastPacketId_, false, false};
  write(at, header);
  writePublish(bytes_ + at + sizeof(Header), size, header.packetId, topic, payload, length);
  if (count_ == inFlight_) unsent_ = at;
  tail_ = at + sizeof(Header) + size;
  count_++;
  return true;
}

const uint8_t* ReadingRing::next(size_t& size) {
  skipAcknowledged();
  if (inFlight_ == count_ || inFlight_ >= FLEET_WINDOW) return nullptr;
  const Header header = read(unsent_);
  uint8_t* packet = bytes_ + unsent_ + sizeof(Header);
  if (header.sent) packet[0] |= kDupFlag;
  size = header.size;
  return packet;
}

void ReadingRing::sent() {
  Header header = read(unsent_);
  header.sent = true;
  write(unsent_, header);
  unsent_ = after(unsent_, header);
  inFlight_++;
}

bool ReadingRing::acknowledge(uint16_t packetId) {
  size_t at = head_;
  for (size_t i = 0; i < inFlight_; i++) {
    Header header = read(at);
    if (header.packetId == packetId) {
      header.acknowledged = true;
      write(at, header);
      dropAcknowledgedHead();
      return true;
    }
    at = after(at, header);
  }
  return false;
}

void ReadingRing::rewind() {
  unsent_ = head_;
  inFlight_ = 0;
}

void ReadingRing::dropAcknowledgedHead() {
  while (inFlight_ > 0) {
    const Header header = read(head_);
    if (!header.acknowledged) return;
    head_ = after(head_, header);
    if (head_ == 0) end_ = FLEET_RING_BYTES;
    inFlight_--;
    count_--;
  }
}

/// An acknowledgement can overtake an older one before the connection is lost: that packet is not sent again.
void ReadingRing::skipAcknowledged() {
  while (inFlight_ < count_) {
    const Header header = read(unsent_);
    if (!header.acknowledged) return;
    unsent_ = after(unsent_, header);
    inFlight_++;
  }
}

/// Finds room in one piece, behind the tail or, when the end of the memory is too near, at its beginning.
bool ReadingRing::place(size_t need, size_t& at) {
  if (count_ == 0) {
    head_ = tail_ = 0;
    end_ = FLEET_RING_BYTES;
  }
  const bool wrapped = count_ > 0 && tail_ <= head_;
  const size_t behindTail = (wrapped ? head_ : FLEET_RING_BYTES) - tail_;
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

// Headers lie where the packet before ended: copied, since the chips cannot read a number at an odd address.

ReadingRing::Header ReadingRing::read(size_t at) const {
  Header header;
  memcpy(&header, bytes_ + at, sizeof(header));
  return header;
}

void ReadingRing::write(size_t at, const Header& header) {
  memcpy(bytes_ + at, &header, sizeof(header));
}

}  // namespace fleet
