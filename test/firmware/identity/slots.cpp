#include <Arduino.h>
#include <identity/SlotText.h>
#include <identity/Slots.h>

#include "unit.h"
#include "power.h"

namespace {

struct Record {
  fleet::SlotHead head;
  char text[48];
};
const uint8_t kFirstArea = 2;
const size_t kBodyBytes = 192;

fleet::Slots slots() {
  return fleet::Slots(kFirstArea, sizeof(Record));
}

std::string bodyOf(char letter) {
  return std::string(kBodyBytes, letter);
}

void write(uint8_t slot, char letter) {
  Record record = {};
  memset(record.text, letter, sizeof(record.text) - 1);
  const std::string body = bodyOf(letter);
  CHECK(slots().erase(slot));
  for (size_t at = 0; at < body.size(); at += 64) CHECK(slots().writeBody(slot, at, body.data() + at, 64));
  record.head.bodyBytes = static_cast<uint32_t>(body.size());
  record.head.bodyChecksum = fleet::checksum(body.data(), body.size());
  CHECK(slots().commit(slot, &record));
}

/// The letter of a record when all of it is there, 0 otherwise.
char letterIn(uint8_t slot) {
  Record record;
  if (slot == fleet::Slots::kNone || !slots().read(slot, &record)) return 0;
  const char letter = record.text[0];
  CHECK_EQUAL(std::string(record.text, sizeof(record.text) - 1), std::string(sizeof(record.text) - 1, letter));
  char body[kBodyBytes];
  CHECK(slots().readBody(slot, 0, body, sizeof(body)));
  CHECK_EQUAL(std::string(body, sizeof(body)), bodyOf(letter));
  return letter;
}

/// Cuts the power after 0, 1, 2, ... bytes, until something ends without a cut. How often it was cut.
template <typename Prepare, typename Work, typename Look>
long cutEverywhere(Prepare prepare, Work work, Look look) {
  for (long after = 0;; after++) {
    prepare();
    const bool cut = power::isCut(after, work);
    look(cut);
    if (!cut) return after;
  }
}

}  // namespace

TEST("slots: the checksum is that of IEEE 802.3") {
  CHECK_EQUAL(fleet::checksum("123456789", 9), 0xcbf43926u);  // the check value that everybody has for CRC-32
  CHECK_EQUAL(fleet::checksum("6789", 4, fleet::checksum("12345", 5)), 0xcbf43926u);
}

TEST("slots: none counts in flash as it comes, blank or with anything in it") {
  CHECK(fleet::Flash::begin() == fleet::Flash::Room::Enough);
  eraseFlash();
  CHECK_EQUAL(slots().newest(), fleet::Slots::kNone);
  for (uint32_t seed = 1; seed <= 20; seed++) {
    fillFlash(seed);
    CHECK_EQUAL(slots().newest(), fleet::Slots::kNone);
    CHECK_EQUAL(slots().older(), fleet::Slots::kNone);
  }
  write(1, 'a');
  CHECK_EQUAL(letterIn(slots().newest()), 'a');
}

TEST("slots: the newest counts, whichever of the two it is in") {
  eraseFlash();
  const char letters[] = "abcdefg";
  for (size_t i = 0; letters[i] != 0; i++) {
    write(i % 2, letters[i]);
    CHECK_EQUAL(slots().newest(), i % 2);
    CHECK_EQUAL(letterIn(slots().newest()), letters[i]);
    if (i > 0) CHECK_EQUAL(letterIn(slots().older()), letters[i - 1]);
  }
  write(0, 'x');  // the newest is written anew, while the other stays: so a second answer takes the place of the first
  CHECK_EQUAL(letterIn(slots().newest()), 'x');
  CHECK_EQUAL(letterIn(slots().older()), 'f');
}

TEST("slots: a power cut at any byte of writing leaves the record of before, or the whole new one") {
  for (const uint32_t garbage : {0u, 7u}) {
    for (const bool fromTheEnd : {false, true}) {
      eraseInOrder(fromTheEnd);
      const long cuts = cutEverywhere(
          [garbage] {
            garbage == 0 ? eraseFlash() : fillFlash(garbage);
            if (garbage == 0) write(1, 'z');  // an older one, which goes
            write(0, 'a');
          },
          [] { write(1, 'b'); },
          [](bool cut) {
            const char letter = letterIn(slots().newest());
            CHECK(letter == 'b' || (letter == 'a' && cut));
            CHECK_EQUAL(letterIn(0), 'a');
            write(1, 'c');
            CHECK_EQUAL(letterIn(slots().newest()), 'c');
          });
      CHECK(cuts > 8);
#ifdef ESP8266
      CHECK_EQUAL(cuts, static_cast<long>(4096 + kBodyBytes + sizeof(Record)));
#endif
    }
  }
}

TEST("slots: nor does one while the older record is freed take the newer") {
  for (const bool fromTheEnd : {false, true}) {
    eraseInOrder(fromTheEnd);
    cutEverywhere(
        [] {
          eraseFlash();
          write(0, 'a');
          write(1, 'b');
          CHECK(slots().mark(1));
        },
        [] { CHECK(slots().free(0)); },
        [](bool cut) {
          CHECK_EQUAL(letterIn(slots().newest()), 'b');
          letterIn(slots().older());  // all of it, if there is one
          CHECK(slots().marked(1));
          if (!cut) CHECK(isBlank(kFirstArea));
          CHECK(slots().free(0));
          CHECK(isBlank(kFirstArea));
          CHECK_EQUAL(letterIn(slots().newest()), 'b');
        });
  }
}

TEST("slots: a mark is there or not after a cut, and can be made again") {
  cutEverywhere(
      [] {
        eraseFlash();
        write(0, 'a');
      },
      [] { CHECK(slots().mark(0)); },
      [](bool cut) {
        CHECK_EQUAL(letterIn(slots().newest()), 'a');
        if (!cut) CHECK(slots().marked(0));
        CHECK(slots().mark(0));
        CHECK(slots().marked(0));
      });
  write(0, 'b');
  CHECK(!slots().marked(0));
}

TEST("slots: writing wears one sector once, freeing what is blank wears nothing") {
  eraseFlash();
  wear();
  write(0, 'a');
#ifdef ESP8266
  CHECK_EQUAL(wear(), 1u);
#endif
  wear();
  CHECK(slots().free(1));
  CHECK(slots().mark(0));
#ifdef ESP8266
  CHECK_EQUAL(wear(), 0u);
#endif
}

TEST("slots: refuse a body that does not fit") {
  eraseFlash();
  const uint32_t word = 0;
  CHECK(slots().writeBody(0, fleet::Slots::kMostBytes - 4, &word, 4));
  CHECK(!slots().writeBody(0, fleet::Slots::kMostBytes, &word, 4));
}

#ifdef ESP8266
TEST("flash: is refused where there is none set apart, or a file system in it") {
  eraseFlash();
  NorFlash::size = 3 * NorFlash::kSectorBytes;
  CHECK(fleet::Flash::begin() == fleet::Flash::Room::None);
  NorFlash::size = NorFlash::kSectors * NorFlash::kSectorBytes;
  for (const uint32_t block : {0u, 0x2000u}) {
    eraseFlash();
    memcpy(NorFlash::bytes() + block + 8, "littlefs", 8);
    CHECK(fleet::Flash::begin() == fleet::Flash::Room::FileSystem);
  }
  eraseFlash();
  CHECK(fleet::Flash::begin() == fleet::Flash::Room::Enough);
}

TEST("slots: a text ends where flash cannot be read") {
  const fleet::Slots last = slots();
  fleet::SlotTextStream text;
  text.begin(last, 1, fleet::Flash::kAreaBytes - fleet::Slots::kBodyAt - 3, 5);
  for (int i = 0; i < 3; i++) CHECK(text.read() >= 0);
  CHECK_EQUAL(text.available(), 2);
  CHECK_EQUAL(text.read(), -1);
  CHECK_EQUAL(text.available(), 0);
}

TEST("flash: reads at any address, and nothing outside its four sectors changes") {
  fillFlash(3);
  const std::string before(reinterpret_cast<char*>(NorFlash::bytes()), 4 * NorFlash::kSectorBytes);
  for (uint8_t area = 0; area < fleet::Flash::kAreas; area++) CHECK(fleet::Flash::erase(area));
  uint32_t words[32];
  for (uint32_t& word : words) word = static_cast<uint32_t>(&word - words) * 0x01020304u;
  CHECK(fleet::Flash::write(0, 8, words, sizeof(words)));
  for (size_t at = 0; at < 9; at++) {
    uint8_t bytes[70];
    CHECK(fleet::Flash::read(0, 8 + at, bytes, sizeof(bytes)));
    CHECK(memcmp(bytes, reinterpret_cast<uint8_t*>(words) + at, sizeof(bytes)) == 0);
  }
  CHECK(before == std::string(reinterpret_cast<char*>(NorFlash::bytes()), before.size()));
}
#endif
