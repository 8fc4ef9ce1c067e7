#pragma once

#include <Client.h>

namespace fleet {

// A message that is larger than all buffers is written twice: to be counted, then to be sent.

/// Counts what is written.
class MessageCounter : public Print {
 public:
  size_t count() const { return count_; }
  size_t write(uint8_t) override { return count_++, 1; }
  size_t write(const uint8_t*, size_t count) override { return count_ += count, count; }

 private:
  size_t count_ = 0;
};

/// Sends what is written, some of it at a time.
class MessageSender : public Print {
 public:
  explicit MessageSender(Client& net) : net_(net) {}
  size_t write(uint8_t byte) override {
    chunk_[filled_++] = byte;
    if (filled_ == sizeof(chunk_)) flushChunk();
    return 1;
  }
  size_t write(const uint8_t* bytes, size_t count) override {
    for (size_t i = 0; i < count; i++) write(bytes[i]);
    return count;
  }
  /// How much the connection has taken.
  size_t finish() {
    flushChunk();
    return sent_;
  }

 private:
  Client& net_;
  uint8_t chunk_[96];
  size_t filled_ = 0;
  size_t sent_ = 0;

  void flushChunk() {
    if (filled_ > 0) sent_ += net_.write(chunk_, filled_);
    filled_ = 0;
  }
};

}  // namespace fleet
