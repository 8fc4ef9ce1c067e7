#include <deque>
#include <memory>
#include <random>

#include "fleet/ReadingRing.h"
#include "unit.h"

using namespace fleet;

namespace {

bool add(ReadingRing& ring, const std::string& text) {
  return ring.add("t", reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

/// Sends the next reading: "" when there is none, else its payload, with a mark for DUP.
std::string send(ReadingRing& ring, uint16_t* id = nullptr) {
  size_t size;
  const uint8_t* packet = ring.next(size);
  if (packet == nullptr) return "";
  const std::string all(reinterpret_cast<const char*>(packet), size);
  const size_t payload = all.size() < 130 ? 7 : 8;
  if (id != nullptr) *id = static_cast<uint16_t>(packet[payload - 2] << 8 | packet[payload - 1]);
  const std::string seen = (packet[0] & 0x08 ? "DUP " : "") + all.substr(payload);
  ring.sent();
  return seen;
}

}  // namespace

TEST("ring: readings are sent in order, and leave with their acknowledgement") {
  ReadingRing ring;
  CHECK(add(ring, "one") && add(ring, "two"));
  uint16_t first, second;
  CHECK_EQUAL(send(ring, &first), std::string("one"));
  CHECK_EQUAL(send(ring, &second), std::string("two"));
  CHECK_EQUAL(send(ring), std::string(""));
  CHECK_EQUAL(ring.count(), 2u);
  CHECK(ring.acknowledge(first));
  CHECK_EQUAL(ring.count(), 1u);
  CHECK(ring.acknowledge(second));
  CHECK_EQUAL(ring.count(), 0u);
  CHECK(!ring.acknowledge(second));
}

TEST("ring: after a lost connection the window comes again, in order and with DUP, and the rest without") {
  ReadingRing ring;
  for (const char* text : {"one", "two", "three"}) add(ring, text);
  send(ring);
  send(ring);
  ring.rewind();
  CHECK_EQUAL(send(ring), std::string("DUP one"));
  CHECK_EQUAL(send(ring), std::string("DUP two"));
  CHECK_EQUAL(send(ring), std::string("three"));
}

TEST("ring: an acknowledgement out of order is kept, and that reading is not sent again") {
  ReadingRing ring;
  for (const char* text : {"one", "two", "three"}) add(ring, text);
  uint16_t one, two;
  send(ring, &one);
  send(ring, &two);
  send(ring);
  CHECK(ring.acknowledge(two));
  CHECK_EQUAL(ring.count(), 3u);
  ring.rewind();
  CHECK_EQUAL(send(ring), std::string("DUP one"));
  CHECK_EQUAL(send(ring), std::string("DUP three"));
  CHECK(ring.acknowledge(one));
  CHECK_EQUAL(ring.count(), 1u);
}

TEST("ring: an acknowledgement of what is not in flight is no acknowledgement") {
  ReadingRing ring;
  add(ring, "one");
  CHECK(!ring.acknowledge(1));
  send(ring);
  CHECK(!ring.acknowledge(77));
  ring.rewind();
  CHECK(!ring.acknowledge(1));
  CHECK_EQUAL(ring.count(), 1u);
}

TEST("ring: no more than the window is in flight") {
  ReadingRing ring;
  for (int i = 0; i < FLEET_WINDOW + 3; i++) add(ring, std::to_string(i));
  uint16_t first = 0;
  send(ring, &first);
  for (int i = 1; i < FLEET_WINDOW; i++) CHECK_EQUAL(send(ring), std::to_string(i));
  CHECK_EQUAL(send(ring), std::string(""));
  ring.acknowledge(first);
  CHECK_EQUAL(send(ring), std::to_string(FLEET_WINDOW));
}

TEST("ring: when it is full it refuses the new, and keeps the old") {
  ReadingRing ring;
  int added = 0;
  while (add(ring, std::string(90, 'x') + std::to_string(added))) added++;
  CHECK(added >= FLEET_RING_BYTES / 110);
  CHECK_EQUAL(ring.count(), static_cast<size_t>(added));
  CHECK_EQUAL(send(ring), std::string(90, 'x') + "0");
}

TEST("ring: what never fits is told apart") {
  CHECK(ReadingRing::fits(1, FLEET_RING_BYTES - 100));
  CHECK(!ReadingRing::fits(1, FLEET_RING_BYTES));
  CHECK(!ReadingRing::fits(0, 1));
  ReadingRing ring;
  CHECK(add(ring, std::string(FLEET_RING_BYTES - 14, 'x')));
  CHECK(!add(ring, ""));
}

TEST("ring: packet ids go round without 0 and without the one of SUBSCRIBE") {
  ReadingRing ring;
  uint16_t before = 0;
  for (long i = 0; i < 70000; i++) {
    add(ring, "x");
    uint16_t id = 0;
    send(ring, &id);
    CHECK_EQUAL(id, static_cast<uint16_t>(before == ReadingRing::kLastPacketId ? 1 : before + 1));
    before = id;
    ring.acknowledge(id);
  }
}

TEST("ring: like a plain queue, over 200,000 random steps") {
  std::mt19937 random(7);
  auto ring = std::make_unique<ReadingRing>();
  struct Entry {
    std::string text;
    uint16_t id;
    bool acknowledged;
    bool sent;
  };
  std::deque<Entry> queue;
  size_t inFlight = 0;
  int number = 0;
  for (int step = 0; step < 200000; step++) {
    const unsigned what = random() % 100;
    if (what < 40) {
      const std::string text = std::to_string(number) + std::string(random() % 300, 'x');
      if (add(*ring, text)) {
        number++;
        queue.push_back({text, 0, false, false});
      } else {
        CHECK(!queue.empty());
      }
    } else if (what < 75) {
      while (inFlight < queue.size() && queue[inFlight].acknowledged) inFlight++;
      uint16_t id = 0;
      const std::string seen = send(*ring, &id);
      if (inFlight == queue.size() || inFlight >= FLEET_WINDOW) {
        CHECK_EQUAL(seen, std::string(""));
      } else {
        Entry& entry = queue[inFlight++];
        CHECK_EQUAL(seen, (entry.sent ? "DUP " : "") + entry.text);
        entry.id = id;
        entry.sent = true;
      }
    } else if (what < 98) {
      if (inFlight == 0) continue;
      Entry& entry = queue[random() % inFlight];
      CHECK(ring->acknowledge(entry.id));
      entry.acknowledged = true;
      while (inFlight > 0 && queue.front().acknowledged) {
        queue.pop_front();
        inFlight--;
      }
    } else {
      ring->rewind();
      inFlight = 0;
    }
    CHECK_EQUAL(ring->count(), queue.size());
  }
  CHECK(number > 10000);
}
