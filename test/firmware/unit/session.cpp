// What goes over a connection: readings, commands, and what no broker should send.
#include "scripted-broker.h"

TEST("session: a reading is sent once, and kept until its PUBACK") {
  Rig r;
  r.connect();
  CHECK(r.device.publish("box/t", "21.5"));
  r.run();
  CHECK_EQUAL(r.wrote(), reading(1, "21.5"));
  CHECK_EQUAL(r.device.waiting(), 1u);
  r.run();
  CHECK_EQUAL(r.wrote(), std::string(""));
  r.hears(puback(1));
  CHECK_EQUAL(r.device.waiting(), 0u);
}

TEST("session: readings of a time without a connection are sent in order when there is one") {
  Rig r;
  for (const char* text : {"1", "2", "3"}) CHECK(r.device.publish("box/t", text));
  r.device.begin("broker", 8883, "box");
  r.run();
  r.wrote();
  r.hears(kAccepted);
  CHECK_EQUAL(r.wrote(), kSubscribe + reading(1, "1") + reading(2, "2") + reading(3, "3"));
}

TEST("session: after a drop, what was not acknowledged comes again, in order and with DUP; the session stands") {
  Rig r;
  r.connect();
  for (const char* text : {"1", "2", "3"}) r.device.publish("box/t", text);
  r.run();
  r.hears(puback(1));
  r.net.open = false;
  r.run();
  r.device.publish("box/t", "4");
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.wrote();
  r.hears(kSessionPresent);
  CHECK_EQUAL(r.wrote(), reading(2, "2", true) + reading(3, "3", true) + reading(4, "4"));
}

TEST("session: when the broker has forgotten the session, the device subscribes again") {
  Rig r;
  r.connect();
  r.net.open = false;
  r.run();
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.wrote();
  r.hears(kAccepted);
  CHECK_EQUAL(r.wrote(), kSubscribe);
}

TEST("session: the first connection after power-on subscribes even if the broker remembers a session") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.run();
  r.wrote();
  r.hears(kSessionPresent);
  CHECK_EQUAL(r.wrote(), kSubscribe);
}

TEST("session: a subscription that was never granted is asked for again") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.run();
  r.hears(kAccepted);
  r.net.open = false;
  r.run();
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.wrote();
  r.hears(kSessionPresent);
  CHECK_EQUAL(r.wrote(), kSubscribe);
}

TEST("session: a refused subscription is reported, and readings go on") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.run();
  r.hears(kAccepted);
  r.hears(bytes("\x90\3\xff\xff\x80"));
  CHECK(r.failedWith("MQTT: the broker refuses the subscription"));
  r.device.publish("box/t", "1");
  r.run();
  CHECK_EQUAL(r.device.connected(), true);
}

TEST("session: a write that stops short ends the connection, and the reading comes again with DUP") {
  Rig r;
  r.connect();
  r.net.room = 5;
  r.device.publish("box/t", "1");
  r.run();
  CHECK(!r.device.connected());
  r.net.room = SIZE_MAX;
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.wrote();
  r.hears(kSessionPresent);
  CHECK_EQUAL(r.wrote(), reading(1, "1", true));
}

TEST("session: commands come with topic and payload; QoS 1 is acknowledged") {
  Rig r;
  r.connect();
  r.hears(
      bytes("\x30\x0d\0\x09"
            "cmd/box/xhi"));
  CHECK_EQUAL(r.wrote(), std::string(""));
  r.hears(
      bytes("\x32\x0f\0\x09"
            "cmd/box/y\1\2{}"));
  CHECK_EQUAL(r.wrote(), puback(258));
  CHECK_EQUAL(r.commands.size(), 2u);
  CHECK_EQUAL(r.commands.front(), std::string("cmd/box/x hi"));
  CHECK_EQUAL(r.commands.back(), std::string("cmd/box/y {}"));
}

TEST("session: the same, one byte at a time") {
  Rig r;
  r.connect();
  r.net.piece = 1;
  r.hears(bytes("\x32\x0f\0\x09"
                "cmd/box/y\1\2{}") +
          bytes("\x32\x0f\0\x09"
                "cmd/box/z\1\3{}"));
  CHECK_EQUAL(r.commands.size(), 2u);
  CHECK_EQUAL(r.wrote(), puback(258) + puback(259));
}

TEST("session: a command may publish") {
  Rig r;
  r.device.onCommand("cmd/box/#",
                     [](const char*, const char* payload, size_t) { rig->device.publish("box/t", payload); });
  r.connect();
  r.hears(
      bytes("\x32\x0f\0\x09"
            "cmd/box/y\1\2ok"));
  CHECK_EQUAL(r.wrote(), puback(258) + reading(1, "ok"));
}

TEST("session: several filters, one SUBSCRIBE after the other, and each command to every filter that it matches") {
  Rig r;
  static std::string heard;
  heard.clear();
  int first = 1, second = 2;
  const FleetCommandHandler handler = [](const char* topic, const char*, size_t, void* argument) {
    heard += std::string(topic) + ">" + std::to_string(*static_cast<int*>(argument)) + " ";
  };
  CHECK(r.device.onCommand("cmd/box/+/set", handler, &first));
  CHECK(r.device.onCommand("cmd/box/door/#", handler, &second));
  r.device.begin("broker", 8883, "box");
  r.run();
  r.wrote();
  r.hears(kAccepted);
  CHECK_EQUAL(r.wrote(), kSubscribe);
  r.hears(kSubscribed);
  CHECK_EQUAL(r.wrote(), bytes("\x82\x12\xff\xff\0\x0d"
                               "cmd/box/+/set\1"));
  r.hears(kSubscribed);
  CHECK_EQUAL(r.wrote(), bytes("\x82\x13\xff\xff\0\x0e"
                               "cmd/box/door/#\1"));
  r.hears(kSubscribed);
  r.hears(
      bytes("\x30\x12\0\x10"
            "cmd/box/door/set"));
  r.hears(
      bytes("\x30\x0e\0\x0c"
            "cmd/box/door"));
  CHECK_EQUAL(heard, std::string("cmd/box/door/set>1 cmd/box/door/set>2 cmd/box/door>2 "));
  CHECK_EQUAL(r.commands.size(), 2u);  // cmd/box/#, from before
}

TEST("session: more filters than there is room for are refused, and said so") {
  Rig r;  // has one already
  const FleetCommandCallback callback = [](const char*, const char*, size_t) {};
  const char* filters[] = {"a", "b", "c", "e", "f", "g", "h"};
  static_assert(sizeof(filters) / sizeof(*filters) == FLEET_SUBSCRIPTIONS - 1, "all that there is room for");
  for (const char* filter : filters) CHECK(r.device.onCommand(filter, callback));
  CHECK(r.device.onCommand("a", callback));  // the same again
  CHECK(!r.device.onCommand("d", callback));
  CHECK(r.failedWith("more filters than that"));
}

TEST("session: a command too large is skipped, reported and acknowledged, so that it does not come again") {
  Rig r;
  r.connect();
  const std::string large(FLEET_RECEIVE_BYTES, 'x');
  const size_t length = 2 + 9 + 2 + large.size();
  r.hears(bytes("\x32") + static_cast<char>((length & 0x7f) | 0x80) + static_cast<char>(length >> 7) +
          bytes("\0\x09"
                "cmd/box/y\1\2") +
          large +
          bytes("\x32\x0f\0\x09"
                "cmd/box/z\1\3ok"));
  CHECK(r.failedWith("a command of so many bytes was skipped"));
  CHECK_EQUAL(r.wrote(), puback(258) + puback(259));
  CHECK_EQUAL(r.commands.size(), 1u);
  CHECK(r.device.connected());
}

TEST("session: what is not MQTT ends the connection, and no reading is lost") {
  const std::string nonsense[] = {
      bytes("HTTP/1.1 400 Bad Request"),
      bytes("\x20\2\0\0"),    // a second CONNACK
      bytes("\x40\3\0\1\0"),  // PUBACK too long
      bytes("\x90\3\0\1\1"),  // SUBACK that nobody waits for
      bytes("\xd0\1\0"),      // PINGRESP with a body
      bytes("\x34\x0f\0\x09"
            "cmd/box/y\1\2{}"),                         // QoS 2
      bytes("\x30\2\0\0"),                              // no topic
      bytes("\x30\xff\xff\xff\xff\xff"),                // a length of five bytes
      bytes("\x40\xff\x7f") + std::string(16383, 'x'),  // an oversize PUBACK
  };
  for (const std::string& packet : nonsense) {
    Rig r;
    r.connect();
    r.device.publish("box/t", "1");
    r.run();
    r.net.incoming = packet;
    r.run(20);
    CHECK(r.failedWith("MQTT: the broker sent what is not MQTT 3.1.1"));
    CHECK_EQUAL(r.net.stops, 1);
    CHECK_EQUAL(r.device.waiting(), 1u);
  }
}

TEST("session: nothing may come before CONNACK") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.run();
  r.hears(
      bytes("\x30\x0d\0\x09"
            "cmd/box/xhi"));
  CHECK(r.commands.empty());
  CHECK(r.failedWith("not MQTT 3.1.1"));
}

TEST("session: an acknowledgement of something else changes nothing") {
  Rig r;
  r.connect();
  r.device.publish("box/t", "1");
  r.run();
  r.hears(puback(9));
  CHECK_EQUAL(r.device.waiting(), 1u);
  CHECK(r.device.connected());
}

TEST("session: publish() refuses what cannot be sent, says why, and counts") {
  Rig r;
  CHECK(!r.device.publish("", "1"));
  CHECK(!r.device.publish("box/#", "1"));
  CHECK(!r.device.publish(std::string(257, 'x').c_str(), "1"));
  CHECK(r.failedWith("a reading was refused for its topic"));
  CHECK(!r.device.publish("box/t", std::string(FLEET_RING_BYTES, 'x').c_str()));
  CHECK(r.failedWith("it never fits"));
  while (r.device.publish("box/t", "a reading like any other")) {
  }
  CHECK(r.failedWith("the ring is full"));
  CHECK_EQUAL(r.device.refused(), 5u);
  const size_t reported = r.failures.size();
  CHECK(!r.device.publish("box/t", "a reading like any other"));
  CHECK_EQUAL(r.device.refused(), 6u);
  CHECK_EQUAL(r.failures.size(), reported);
  CHECK(r.device.waiting() > 50);
}

TEST("session: a full ring empties itself through the window, whatever the broker's pace") {
  Rig r;
  size_t added = 0;
  while (r.device.publish("box/t", "x")) added++;
  r.connect();
  for (uint16_t id = 1; id <= added; id++) {
    if (id > 1) CHECK(!r.wrote().empty() || id > added - FLEET_WINDOW + 1);
    r.hears(puback(id));
  }
  CHECK_EQUAL(r.device.waiting(), 0u);
}
