#pragma once

#include <stdint.h>

namespace fleet {

/**
 * Capped exponential backoff with full jitter: a random time between 0 and a ceiling that doubles with every attempt,
 * so that boards which lost their broker together do not come back together.
 */
class Backoff {
 public:
  Backoff(uint32_t baseMs, uint32_t capMs) : baseMs_(baseMs), capMs_(capMs), ceilingMs_(baseMs) {}

  /// How long to wait before the next attempt, in milliseconds. `random` is any 32 random bits.
  uint32_t next(uint32_t random) {
    const uint32_t ceilingMs = ceilingMs_ < capMs_ ? ceilingMs_ : capMs_;
    ceilingMs_ = ceilingMs < capMs_ / 2 ? ceilingMs * 2 : capMs_;
    return static_cast<uint32_t>((static_cast<uint64_t>(random) * (ceilingMs + 1ull)) >> 32);
  }

  void reset() { ceilingMs_ = baseMs_; }

 private:
  uint32_t baseMs_;
  uint32_t capMs_;
  uint32_t ceilingMs_;
};

}  // namespace fleet
