// Messages that are larger than the buffers: those that come in pieces, and those that go past the ring.
#include "scripted-broker.h"

namespace {

const char kTopic[] = "$aws/x/accepted";

std::string packet(const std::string& topic, const std::string& payload, uint16_t id = 0) {
  std::string body = std::string(1, '\0') + static_cast<char>(topic.size()) + topic;
  if (id != 0) body += std::string(1, static_cast<char>(id >> 8)) + static_cast<char>(id & 0xff);
  body += payload;
  std::string head(1, id != 0 ? '\x32' : '\x30');
  size_t left = body.size();
  do {
    head += static_cast<char>((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return head + body;
}

std::string text(size_t size) {
  std::string all;
  while (all.size() < size) all += static_cast<char>('a' + all.size() % 23);
  return all;
}

/// What came, each message as its topic, `>` and its payload; `...` instead of the end of one that has not ended.
struct Pieces {
  std::vector<std::string> messages;
  bool open = false;
};

void take(const char* topic, const char* piece, size_t length, bool last, void* argument) {
  auto& pieces = *static_cast<Pieces*>(argument);
  if (!pieces.open) pieces.messages.push_back(std::string(topic) + ">");
  pieces.messages.back().append(piece, length);
  pieces.open = !last;
}

void connect(Rig& r, Pieces& pieces) {
  CHECK(r.device.onPieces(kTopic, take, &pieces));
  r.connect();
  CHECK(!r.device.subscribed());
  r.hears(kSubscribed);
  CHECK(r.device.subscribed());
  r.wrote();
}

void writeText(Print& out, void* size) {
  const std::string all = text(*static_cast<size_t*>(size));
  for (size_t at = 0; at < all.size(); at += 50) out.print(all.substr(at, 50).c_str());
}

}  // namespace

TEST("pieces: a message of any size comes whole, however the network cuts it") {
  for (const size_t cut : {size_t{1}, size_t{7}, size_t{64}, SIZE_MAX}) {
    Rig r;
    Pieces pieces;
    connect(r, pieces);
    r.net.piece = cut;
    for (const size_t size : {0u, 1u, 480u, 494u, 495u, 496u, 497u, 511u, 512u, 513u, 600u, 1900u, 5000u}) {
      pieces.messages.clear();
      r.net.incoming += packet(kTopic, text(size), 3) + packet("cmd/box/x", "after");
      r.run(20);
      CHECK_EQUAL(pieces.messages.size(), 1u);
      CHECK_EQUAL(pieces.messages[0], std::string(kTopic) + ">" + text(size));
      CHECK(!pieces.open);
      CHECK_EQUAL(r.wrote(), puback(3));
    }
    CHECK_EQUAL(r.commands.back(), std::string("cmd/box/x after"));
    CHECK(r.failures.empty());
  }
}

TEST("pieces: with QoS 0 nothing is acknowledged") {
  Rig r;
  Pieces pieces;
  connect(r, pieces);
  r.hears(packet(kTopic, text(700)));
  CHECK_EQUAL(pieces.messages.back(), std::string(kTopic) + ">" + text(700));
  CHECK_EQUAL(r.wrote(), std::string(""));
}

TEST("pieces: a connection that ends in the middle leaves the last piece out, and the next message is whole") {
  Rig r;
  Pieces pieces;
  connect(r, pieces);
  r.hears(packet(kTopic, text(900), 3).substr(0, 700));
  CHECK(pieces.open);
  r.net.open = false;
  r.run();
  CHECK(pieces.open);
  pieces.open = false;
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.hears(kSessionPresent);
  r.hears(packet(kTopic, text(900), 4));
  CHECK_EQUAL(pieces.messages.back(), std::string(kTopic) + ">" + text(900));
}

TEST("pieces: who has a handler for whole commands is still told of one that is too large") {
  Rig r;
  Pieces pieces;
  connect(r, pieces);
  r.hears(packet("cmd/box/large", text(900), 7));
  CHECK(pieces.messages.empty());
  CHECK(r.commands.empty());
  CHECK(r.failedWith("a command"));
  CHECK_EQUAL(r.wrote(), puback(7));
}

TEST("publishNow: a message larger than the ring goes at once, with QoS 0") {
  Rig r;
  size_t size = FLEET_RING_BYTES + 1000;
  CHECK(!r.device.publishNow("$aws/x", writeText, &size));  // no connection
  r.connect();
  CHECK(r.device.publishNow("$aws/x", writeText, &size));
  CHECK_EQUAL(r.wrote(), packet("$aws/x", text(size)));
  size = 0;
  CHECK(r.device.publishNow("$aws/x", writeText, &size));
  CHECK_EQUAL(r.wrote(), packet("$aws/x", ""));
  CHECK_EQUAL(r.device.waiting(), 0u);
}

TEST("publishNow: says so when the connection ends meanwhile") {
  for (const size_t room : {0u, 5u, 90u}) {
    Rig r;
    r.connect();
    r.net.room = room;
    size_t size = 700;
    CHECK(!r.device.publishNow("$aws/x", writeText, &size));
  }
}

TEST("publishNow: a message that ends before its length ends the connection, so that nothing is taken for its rest") {
  Rig r;
  r.connect();
  bool second = false;
  const FleetMessageWriter write = [](Print& out, void* second) {
    bool& is = *static_cast<bool*>(second);
    out.print(is ? "sh" : "short");
    is = true;
  };
  CHECK(!r.device.publishNow("$aws/x", write, &second));
  r.device.publish("box/t", "1");
  CHECK_EQUAL(r.wrote(), packet("$aws/x", "short").substr(0, 12));
  r.run();
  CHECK_EQUAL(r.net.connects, 2);
  r.hears(kAccepted);
  CHECK(r.wrote().find("box/t") != std::string::npos);
}

TEST("device: what was accepted and waits no more, the broker has") {
  Rig r;
  r.connect();
  r.device.publish("box/t", "1");
  r.device.publish("box/t", "2");
  const uint32_t two = r.device.accepted();
  r.device.publish("box/t", "3");
  r.run();
  r.hears(puback(1));
  CHECK(r.device.accepted() - r.device.waiting() < two);
  r.hears(puback(2));
  CHECK_EQUAL(r.device.accepted() - r.device.waiting(), two);
}

TEST("device: counts how often the broker refused it, and not what lies below") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  for (uint8_t times = 1; times <= 3; times++) {
    r.run();
    r.hears(bytes("\x20\2\0\5"));  // not authorized
    CHECK_EQUAL(r.device.refusals(), times);
  }
  r.diagnosis = FleetFailure(FleetStage::Tcp, 1, F("nobody answers"), F(""));
  r.net.reachable = r.net.open = false;
  r.run(30);
  CHECK_EQUAL(r.device.refusals(), 3);
  r.net.reachable = true;
  r.diagnosis = FleetFailure();
  r.connect();
  r.device.publish("box/t", "1");
  r.run();
  CHECK_EQUAL(r.device.refusals(), 3);
  r.hears(puback(1));
  CHECK_EQUAL(r.device.refusals(), 0);
}

TEST("device: filters that were taken back are asked for no more") {
  Rig r;
  Pieces pieces;
  connect(r, pieces);
  r.device.end();
  r.device.forget("cmd/none");
  r.device.forget("cmd/box/#");
  r.device.begin("broker", 8883, "box");
  r.run();
  r.wrote();
  r.hears(kAccepted);
  CHECK_EQUAL(r.wrote(), bytes("\x82\x14\xff\xff\0\x0f") + kTopic + "\1");
  r.hears(kSubscribed);
  CHECK(r.device.subscribed());
  CHECK_EQUAL(r.wrote(), std::string(""));
}
