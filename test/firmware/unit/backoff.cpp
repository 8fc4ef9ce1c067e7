#include "fleet/Backoff.h"

#include "unit.h"

using namespace fleet;

TEST("backoff: the ceiling doubles up to the cap, and a reset begins anew") {
  Backoff backoff(1000, 6000);
  const uint32_t most = 0xffffffff;
  for (uint32_t expected : {1000, 2000, 4000, 6000, 6000}) CHECK_EQUAL(backoff.next(most), expected);
  backoff.reset();
  CHECK_EQUAL(backoff.next(most), 1000u);
}

TEST("backoff: full jitter reaches from 0 to the ceiling, evenly") {
  for (uint32_t part = 0; part < 16; part++) {
    Backoff backoff(1600, 100000);
    const uint32_t wait = backoff.next(part * 0x10000000u);
    CHECK(wait >= part * 100 && wait <= part * 100 + 1);
  }
}

TEST("backoff: the largest cap does not overflow") {
  Backoff backoff(0x80000000u, 0xffffffffu);
  for (int i = 0; i < 5; i++) backoff.next(0);
  CHECK_EQUAL(backoff.next(0xffffffffu), 0xffffffffu);
}
