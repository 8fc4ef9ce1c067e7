#include <vector>

#include "fleet/PacketWriter.h"
#include "unit.h"

using namespace fleet;

namespace {

uint8_t memory[400];

std::string written(size_t size) {
  return std::string(reinterpret_cast<char*>(memory), size);
}

const uint8_t* payload(const char* text) {
  return reinterpret_cast<const uint8_t*>(text);
}

}  // namespace

TEST("packets: CONNECT is MQTT 3.1.1, byte for byte") {
  const ConnectOptions plain = {"shed", nullptr, nullptr, 60, false};
  CHECK_EQUAL(written(writeConnect(memory, sizeof(memory), plain)), bytes("\x10\x10\0\4MQTT\4\0\0\x3c\0\4shed"));
  const ConnectOptions willing = {"shed", "a/b", "bye", 258, false};
  CHECK_EQUAL(written(writeConnect(memory, sizeof(memory), willing)),
              bytes("\x10\x1a\0\4MQTT\4\x0c\1\2\0\4shed\0\3a/b\0\3bye"));
  const ConnectOptions forgetful = {"shed", "a/b", "bye", 258, true};
  CHECK_EQUAL(written(writeConnect(memory, sizeof(memory), forgetful)),
              bytes("\x10\x1a\0\4MQTT\4\x0e\1\2\0\4shed\0\3a/b\0\3bye"));
}

TEST("packets: SUBSCRIBE, PUBLISH, PUBACK and PINGREQ are MQTT 3.1.1, byte for byte") {
  CHECK_EQUAL(written(writeSubscribe(memory, sizeof(memory), 0xffff, "c/#")), bytes("\x82\x08\xff\xff\0\3c/#\1"));
  CHECK_EQUAL(written(writePublish(memory, sizeof(memory), 258, "a/b", payload("{}"), 2)),
              bytes("\x32\x09\0\3a/b\1\2{}"));
  CHECK_EQUAL(written(writePuback(memory, sizeof(memory), 7)), bytes("\x40\2\0\7"));
  CHECK_EQUAL(written(writePingreq(memory, sizeof(memory))), bytes("\xc0\0"));
  CHECK_EQUAL(written(writeDisconnect(memory, sizeof(memory))), bytes("\xe0\0"));
}

TEST("packets: the remaining length takes as many bytes as MQTT says") {
  const std::string text(200, 'x');
  CHECK_EQUAL(written(writePublish(memory, sizeof(memory), 1, "tt", payload(text.c_str()), 121)).substr(0, 2),
              bytes("\x32\x7f"));
  CHECK_EQUAL(written(writePublish(memory, sizeof(memory), 1, "tt", payload(text.c_str()), 122)).substr(0, 3),
              bytes("\x32\x80\x01"));
  CHECK_EQUAL(publishSize(2, 16377), 16383u + 3);
  CHECK_EQUAL(publishSize(2, 16378), 16384u + 4);
  CHECK_EQUAL(publishSize(2, 2097145), 2097151u + 4);
  CHECK_EQUAL(publishSize(2, 2097146), 2097152u + 5);
  CHECK_EQUAL(publishSize(0, 1), 0u);
  CHECK_EQUAL(publishSize(65536, 1), 0u);
  CHECK_EQUAL(publishSize(1, 268435455), 0u);
}

TEST("packets: nothing is written where there is no room, and never a byte too many") {
  const ConnectOptions options = {"shed", "a/b", "bye", 60, false};
  const auto eachRoom = [](size_t size, const std::vector<size_t>& results) {
    for (size_t room = 0; room < results.size(); room++) CHECK_EQUAL(results[room], room < size ? 0 : size);
  };
  std::vector<size_t> connect, subscribe, publish, puback, pingreq;
  for (size_t room = 0; room < 40; room++) {
    std::vector<uint8_t> exactly(room);  // AddressSanitizer watches its end
    connect.push_back(writeConnect(exactly.data(), room, options));
    subscribe.push_back(writeSubscribe(exactly.data(), room, 1, "c/#"));
    publish.push_back(writePublish(exactly.data(), room, 1, "a/b", payload("{}"), 2));
    puback.push_back(writePuback(exactly.data(), room, 1));
    pingreq.push_back(writePingreq(exactly.data(), room));
  }
  eachRoom(28, connect);
  eachRoom(10, subscribe);
  eachRoom(11, publish);
  eachRoom(4, puback);
  eachRoom(2, pingreq);
}
