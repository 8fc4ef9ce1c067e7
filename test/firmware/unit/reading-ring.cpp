#include <deque>
#include <memory>

#include "fleet/ReadingRing.h"
#include "unit.h"

using namespace fleet;

namespace {

bool add(ReadingRing& ring, const std::string& text, uint32_t now = 0) {
  return ring.add("t", reinterpret_cast<const uint8_t*>(text.data()), text.size(), now);
}

/// A payload as it goes out at an age: an object has one member more, in 16 bytes.
std::string aged(const std::string& text, const std::string& age) {
  const std::string member = (text == "{}" ? " \"age\":" : ",\"age\":") + age;
  return text.substr(0, text.size() - 1) + member + std::string(ReadingRing::kAgeBytes - member.size(), ' ') + "}";
}

/// Sends the next reading: "" when there is none, else its payload, with a mark for DUP.
std::string send(ReadingRing& ring, uint16_t* id = nullptr, uint32_t now = 0) {
  size_t size;
  const uint8_t* packet = ring.next(size, now);
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

TEST("ring: what is given up is not sent, and its acknowledgement is none") {
  ReadingRing ring;
  uint16_t id;
  add(ring, "one");
  send(ring, &id);
  add(ring, "two");
  ring.clear();
  CHECK_EQUAL(ring.count(), 0u);
  CHECK(!ring.acknowledge(id));
  CHECK_EQUAL(send(ring), std::string(""));
  add(ring, "three");
  CHECK_EQUAL(send(ring), std::string("three"));
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
  CHECK(add(ring, std::string(FLEET_RING_BYTES - 50, 'x')));
  CHECK(!add(ring, "x"));
}

TEST("ring: an object tells its age each time it is sent, and anything else stays as it is") {
  ReadingRing ring;
  const uint32_t taken = 0xffffff00;  // a moment before millis() goes round
  for (const char* text : {"{\"t\":1}", "{}", "{\"t\":1 }", "21.5", "[1]", "", "{", "\"{}"})
    CHECK(add(ring, text, taken));
  CHECK_EQUAL(send(ring, nullptr, taken), aged("{\"t\":1}", "0"));
  CHECK_EQUAL(send(ring, nullptr, taken + 9), aged("{}", "9"));
  CHECK_EQUAL(send(ring, nullptr, taken + 1000), aged("{\"t\":1 }", "1000"));
  for (const char* text : {"21.5", "[1]", "", "{", "\"{}"})
    CHECK_EQUAL(send(ring, nullptr, taken + 5), std::string(text));
  ring.rewind();
  CHECK_EQUAL(send(ring, nullptr, taken + 3000000), "DUP " + aged("{\"t\":1}", "3000000"));
  CHECK_EQUAL(send(ring, nullptr, taken + 604800000), "DUP " + aged("{}", "604800000"));
}

TEST("ring: what is too old tells no age, even when millis() has gone round meanwhile") {
  ReadingRing ring;
  add(ring, "{\"t\":1}", 0);
  const std::string without = "{\"t\":1" + std::string(ReadingRing::kAgeBytes, ' ') + "}";
  CHECK_EQUAL(send(ring, nullptr, ReadingRing::kMaxAgeMs + 1), without);
  ring.rewind();
  CHECK_EQUAL(send(ring, nullptr, 5), "DUP " + aged("{\"t\":1}", "5"));  // if nobody called dropAges()
  ring.rewind();
  ring.dropAges(ReadingRing::kMaxAgeMs + 1);
  CHECK_EQUAL(send(ring, nullptr, 5), "DUP " + without);
}

TEST("ring: an age is left out where the sketch wants it so") {
  ReadingRing ring;
  const std::string text = "{\"age\":42}";
  CHECK(ring.add("t", reinterpret_cast<const uint8_t*>(text.data()), text.size(), 0, false));
  CHECK_EQUAL(send(ring, nullptr, 7), text);
}

TEST("ring: an age covers what lies behind a packet for a moment only") {
  ReadingRing ring;
  for (const char* text : {"{\"a\":1}", "{\"b\":2}", "x"}) add(ring, text);
  size_t size;
  ring.next(size, 1);
  ring.next(size, 2);  // asked twice, sent once
  CHECK_EQUAL(send(ring, nullptr, 3), aged("{\"a\":1}", "3"));
  ring.next(size, 4);
  ring.rewind();
  CHECK_EQUAL(send(ring, nullptr, 5), "DUP " + aged("{\"a\":1}", "5"));
  CHECK_EQUAL(send(ring, nullptr, 6), aged("{\"b\":2}", "6"));
  CHECK_EQUAL(send(ring, nullptr, 7), std::string("x"));
}

TEST("ring: readings outlive a sleep, with their age, their order, and DUP for what was sent") {
  auto ring = std::make_unique<ReadingRing>();
  uint16_t second;
  for (int i = 0; i < 4; i++) add(*ring, "{\"i\":" + std::to_string(i) + "}", 1000 + i);
  send(*ring);
  send(*ring, &second);
  ring->acknowledge(second);
  uint8_t memory[FLEET_RING_BYTES + 20];
  CHECK_EQUAL(ring->keep(memory, sizeof(memory), 2000), 0u);

  ring = std::make_unique<ReadingRing>();
  CHECK(ring->resume(memory, sizeof(memory), 50, 60000));
  CHECK_EQUAL(ring->count(), 3u);
  CHECK_EQUAL(send(*ring, nullptr, 51), "DUP " + aged("{\"i\":0}", "61001"));
  CHECK_EQUAL(send(*ring, nullptr, 51), aged("{\"i\":2}", "60999"));
  CHECK_EQUAL(send(*ring, nullptr, 51), aged("{\"i\":3}", "60998"));
  add(*ring, "x");
  uint16_t next;
  CHECK_EQUAL(send(*ring, &next), std::string("x"));
  CHECK_EQUAL(next, 5);                                 // ids go on where they were
  CHECK(!ring->resume(memory, sizeof(memory), 50, 0));  // there are readings in it already
}

TEST("ring: of what does not fit into the memory of a sleep, the oldest are kept") {
  ReadingRing ring;
  for (int i = 0; i < 10; i++) add(ring, "{\"i\":" + std::to_string(i) + "}");
  uint8_t memory[100];
  const size_t left = ring.keep(memory, sizeof(memory), 0);
  CHECK(left > 0 && left < 10);
  ReadingRing other;
  CHECK(other.resume(memory, sizeof(memory), 0, 0));
  CHECK_EQUAL(other.count(), 10 - left);
  CHECK_EQUAL(send(other), aged("{\"i\":0}", "0"));
  CHECK_EQUAL(ring.keep(memory, 3, 0), 10u);
}

TEST("ring: memory that holds no readings gives none") {
  uint8_t memory[200] = {};
  ReadingRing empty;
  CHECK(!empty.resume(memory, sizeof(memory), 0, 0));
  add(empty, "{\"i\":1}");
  empty.keep(memory, sizeof(memory), 0);
  for (size_t i = 0; i < 12 + 9 + 13; i++) {  // its head, that of the reading, and the packet: any byte that is another
    memory[i] ^= 1;
    ReadingRing ring;
    CHECK(!ring.resume(memory, sizeof(memory), 0, 0));
    memory[i] ^= 1;
  }
  ReadingRing ring;
  CHECK(!ring.resume(memory, 20, 0, 0));  // cut off
  CHECK(ring.resume(memory, sizeof(memory), 0, 0));
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
  UnitRandom random(7);
  auto ring = std::make_unique<ReadingRing>();
  struct Entry {
    std::string text;
    uint16_t id;
    bool acknowledged;
    bool sent;
    uint32_t taken;
  };
  std::deque<Entry> queue;
  size_t inFlight = 0;
  int number = 0;
  for (int step = 0; step < 200000; step++) {
    const unsigned what = random() % 100;
    if (what < 40) {
      const std::string plain = std::to_string(number) + std::string(random() % 300, 'x');
      const std::string text = random() % 2 == 0 ? plain : "{" + plain + "}";
      if (add(*ring, text, static_cast<uint32_t>(number))) {
        number++;
        queue.push_back({text, 0, false, false, static_cast<uint32_t>(number - 1)});
      } else {
        CHECK(!queue.empty());
      }
    } else if (what < 75) {
      while (inFlight < queue.size() && queue[inFlight].acknowledged) inFlight++;
      uint16_t id = 0;
      const uint32_t now = static_cast<uint32_t>(step);
      const std::string seen = send(*ring, &id, now);
      if (inFlight == queue.size() || inFlight >= FLEET_WINDOW) {
        CHECK_EQUAL(seen, std::string(""));
      } else {
        Entry& entry = queue[inFlight++];
        const bool object = entry.text[0] == '{';
        const std::string text = object ? aged(entry.text, std::to_string(now - entry.taken)) : entry.text;
        CHECK_EQUAL(seen, (entry.sent ? "DUP " : "") + text);
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
