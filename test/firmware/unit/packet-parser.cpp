#include <vector>

#include "fleet/PacketParser.h"
#include "fleet/PacketWriter.h"
#include "unit.h"

using namespace fleet;

namespace {

using Result = PacketParser::Result;

/// Everything a parser makes of some bytes that come in pieces of a size.
std::string parsed(const std::string& input, size_t piece, size_t room = 16) {
  std::vector<uint8_t> buffer(room + 1);
  PacketParser parser(buffer.data(), buffer.size());
  std::string seen;
  for (size_t from = 0; from < input.size(); from += piece) {
    const std::vector<uint8_t> part(input.begin() + from, input.begin() + std::min(input.size(), from + piece));
    for (size_t at = 0; at < part.size();) {
      size_t taken;
      const Result result = parser.feed(part.data() + at, part.size() - at, taken);
      at += taken;
      if (result == Result::NeedMore) CHECK_EQUAL(at, part.size());
      if (result == Result::Malformed) return seen + "malformed";
      if (result == Result::Packet || result == Result::Oversize) {
        seen += result == Result::Packet ? "packet " : "oversize ";
        seen += std::to_string(parser.first()) + " " + std::to_string(parser.size()) + " ";
        seen += std::string(reinterpret_cast<char*>(parser.body()), parser.length()) + ";";
      }
    }
  }
  return seen;
}

bool publishIs(const std::string& body, uint8_t first, IncomingPublish& publish, std::vector<uint8_t>& memory) {
  memory.assign(body.begin(), body.end());
  memory.push_back(0xaa);
  return readPublish(first, memory.data(), body.size(), publish);
}

}  // namespace

TEST("parser: packets come out whole, however the bytes are split") {
  const std::string input = bytes("\x20\2\0\0\xd0\0\x30\5\0\1tab\x40\2\0\1");
  const std::string expected = bytes("packet 32 2 \0\0;packet 208 0 ;packet 48 5 \0\1tab;packet 64 2 \0\1;");
  for (size_t piece = 1; piece <= input.size(); piece++) CHECK_EQUAL(parsed(input, piece), expected);
}

TEST("parser: a packet too large is skipped, and the next one comes out") {
  const std::string input = bytes("\x32\xc8\1") + bytes("\0\1t\0\7") + std::string(195, 'x') + bytes("\xd0\0");
  for (size_t piece : {1, 3, 7, 64, 300}) {
    CHECK_EQUAL(parsed(input, piece),
                "oversize 50 200 " + bytes("\0\1t\0\7") + std::string(11, 'x') + ";packet 208 0 ;");
  }
}

TEST("parser: a packet that just fits is whole, one byte more is too large") {
  CHECK_EQUAL(parsed(bytes("\x30\x10") + std::string(16, 'x'), 5), "packet 48 16 " + std::string(16, 'x') + ";");
  CHECK_EQUAL(parsed(bytes("\x30\x11") + std::string(17, 'x'), 5), "oversize 48 17 " + std::string(16, 'x') + ";");
}

TEST("parser: what no broker sends is malformed") {
  for (int first = 0; first < 256; first++) {
    const bool allowed = (first >= 0x30 && first <= 0x3f && (first & 6) != 6) || first == 0x20 || first == 0x40 ||
                         first == 0x90 || first == 0xd0;
    CHECK_EQUAL(parsed(std::string(1, static_cast<char>(first)) + bytes("\0"), 1) == "malformed", !allowed);
  }
  CHECK_EQUAL(parsed(bytes("\x30\xff\xff\xff\xff\1"), 1), std::string("malformed"));
  CHECK_EQUAL(parsed(bytes("\x30\xff\xff\xff\x7f"), 1), std::string(""));
}

TEST("parser: any bytes whatever do no harm") {
  UnitRandom random(1);
  for (int round = 0; round < 3000; round++) {
    std::string input(random() % 60, 0);
    for (char& byte : input) byte = static_cast<char>(random());
    if (!input.empty() && round % 2 == 0) input[0] = 0x32;
    parsed(input, 1 + random() % 20, 1 + random() % 20);
    IncomingPublish publish;
    std::vector<uint8_t> memory;
    if (publishIs(input, static_cast<uint8_t>(random()), publish, memory)) {
      CHECK(strlen(publish.topic) > 0);
      CHECK_EQUAL(publish.payload[publish.payloadLength], '\0');
    }
  }
}

TEST("parser: a PUBLISH gives topic, payload and packet id") {
  IncomingPublish publish;
  std::vector<uint8_t> memory;
  CHECK(publishIs(bytes("\0\3a/b\1\2{}"), 0x32, publish, memory));
  CHECK_EQUAL(std::string(publish.topic), std::string("a/b"));
  CHECK_EQUAL(std::string(publish.payload), std::string("{}"));
  CHECK_EQUAL(publish.payloadLength, 2u);
  CHECK_EQUAL(publish.packetId, 258);
  CHECK_EQUAL(publish.qos, 1);

  CHECK(publishIs(bytes("\0\1t"), 0x30, publish, memory));
  CHECK_EQUAL(std::string(publish.topic), std::string("t"));
  CHECK_EQUAL(publish.payloadLength, 0u);
  CHECK_EQUAL(publish.qos, 0);
}

TEST("parser: a PUBLISH that contradicts itself is refused") {
  IncomingPublish publish;
  std::vector<uint8_t> memory;
  CHECK(!publishIs(bytes(""), 0x30, publish, memory));
  CHECK(!publishIs(bytes("\0"), 0x30, publish, memory));
  CHECK(!publishIs(bytes("\0\0{}"), 0x30, publish, memory));        // no topic
  CHECK(!publishIs(bytes("\0\4a/b"), 0x30, publish, memory));       // shorter than it says
  CHECK(!publishIs(bytes("\0\3a/b\1"), 0x32, publish, memory));     // half a packet id
  CHECK(!publishIs(bytes("\0\3a/b\0\0"), 0x32, publish, memory));   // packet id 0
  CHECK(!publishIs(bytes("\0\3a\0b\0\1"), 0x32, publish, memory));  // a zero in the topic
  CHECK(!publishIs(bytes("\0\3a/b\0\1"), 0x34, publish, memory));   // QoS 2
}

TEST("parser: acknowledgements have the length that MQTT says") {
  const auto* two = reinterpret_cast<const uint8_t*>("\1\2");
  const auto* three = reinterpret_cast<const uint8_t*>("\1\2\x80");
  bool present;
  uint8_t code;
  uint16_t id;
  CHECK(readConnack(two, 2, present, code) && present && code == 2);
  CHECK(!readConnack(two, 1, present, code));
  CHECK(!readConnack(reinterpret_cast<const uint8_t*>("\2\0"), 2, present, code));
  CHECK(readPuback(two, 2, id) && id == 258);
  CHECK(!readPuback(three, 3, id));
  CHECK(!readPuback(reinterpret_cast<const uint8_t*>("\0\0"), 2, id));
  CHECK(readSuback(three, 3, id, code) && id == 258 && code == 0x80);
  CHECK(!readSuback(two, 2, id, code));
  CHECK(!readSuback(reinterpret_cast<const uint8_t*>("\1\2\3"), 3, id, code));
}

TEST("parser: the packet id of a beginning of a PUBLISH") {
  const auto idOf = [](const std::string& body, uint8_t first) {
    return packetIdOfPublish(first, reinterpret_cast<const uint8_t*>(body.data()), body.size());
  };
  CHECK_EQUAL(idOf(bytes("\0\3a/b\1\2{"), 0x32), 258);
  CHECK_EQUAL(idOf(bytes("\0\3a/b\1\2{"), 0x30), 0);
  CHECK_EQUAL(idOf(bytes("\0\3a/b\1"), 0x32), 0);
  CHECK_EQUAL(idOf(bytes("\xff\xff"), 0x32), 0);
  CHECK_EQUAL(idOf(bytes("\0"), 0x32), 0);
}

// The examples of MQTT 3.1.1, 4.7.1 and 4.7.2, and what lies beside them.
TEST("parser: which topics a filter is for") {
  const struct {
    const char* filter;
    const char* yes;
    const char* no;
  } cases[] = {
      {"sport/tennis/player1/#", "sport/tennis/player1", "sport/tennis/player"},
      {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", "sport/tennis/player12"},
      {"sport/#", "sport", "sports"},
      {"#", "sport/tennis", "$SYS/broker"},
      {"sport/tennis/+", "sport/tennis/player1", "sport/tennis/player1/ranking"},
      {"sport/+", "sport/", "sport"},
      {"+/+", "/finance", "finance"},
      {"/+", "/finance", "a/finance"},
      {"+", "finance", "/finance"},
      {"+/tennis/#", "sport/tennis", "$x/tennis"},
      {"$SYS/#", "$SYS/monitor", "SYS/monitor"},
      {"a/b", "a/b", "a/b/"},
      {"a/b", "a/b", "a"},
      {"a", "a", "ab"},
  };
  for (const auto& one : cases) {
    if (!topicMatches(one.filter, one.yes))
      unitTestFailed(__FILE__, __LINE__, std::string(one.filter) + " is for " + one.yes);
    if (topicMatches(one.filter, one.no))
      unitTestFailed(__FILE__, __LINE__, std::string(one.filter) + " is not for " + one.no);
  }
}
