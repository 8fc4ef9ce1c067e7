// The life of a connection: when it is made, kept, given up and made again.
#include "scripted-broker.h"

namespace {

const uint32_t kQuarterKeepAliveMs = FLEET_KEEP_ALIVE_S * 250;

}  // namespace

TEST("device: connects by host name, says CONNECT with its will, then SUBSCRIBE") {
  Rig r;
  r.device.setWill("box/gone", "x");
  CHECK_EQUAL(r.device.state(), FleetState::Idle);
  CHECK(r.device.begin("broker", 8883, "box"));
  r.run();
  CHECK_EQUAL(r.net.address, std::string("broker:8883"));
  CHECK_EQUAL(r.wrote(), bytes("\x10\x1c\0\4MQTT\4\x0c\0\x3c\0\3box\0\x08"
                               "box/gone\0\1x"));
  CHECK_EQUAL(r.device.state(), FleetState::Connecting);
  r.hears(kAccepted);
  CHECK(r.device.connected());
  CHECK_EQUAL(r.wrote(), kSubscribe);
}

TEST("device: with a clean session, the broker is asked to forget what came while it was away") {
  Rig r;
  r.device.setCleanSession(true);
  CHECK(r.device.begin("broker", 8883, "box"));
  r.run();
  CHECK_EQUAL(r.wrote(), bytes("\x10\x0f\0\4MQTT\4\x02\0\x3c\0\3box"));
}

TEST("device: begin() refuses what cannot work, and says so") {
  Rig r;
  CHECK(!r.device.begin("", 8883, "box"));
  CHECK(!r.device.begin("broker", 8883, nullptr));
  CHECK(r.failedWith("begin() needs the host"));
  r.device.setWill("box/#", "x");
  CHECK(!r.device.begin("broker", 8883, "box"));
  r.run();
  CHECK_EQUAL(r.net.connects, 0);
}

TEST("device: a thing name that does not fit is refused, not cut") {
  Rig r;
  const std::string name(FLEET_CONTROL_BYTES, 'x');
  CHECK(r.device.begin("broker", 8883, name.c_str()));
  r.run();
  CHECK_EQUAL(r.wrote(), std::string(""));
  CHECK(r.failedWith("FLEET_CONTROL_BYTES"));
}

TEST("device: waits for Wi-Fi and clock, each a state of its own, and reports them when they take long") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.missing = fleetWifiFailure(201);
  r.run();
  CHECK_EQUAL(r.device.state(), FleetState::NoWiFi);
  CHECK(r.failures.empty());
  r.pass(FLEET_REPORT_AFTER_MS);
  CHECK(r.failedWith("Wi-Fi: there is no network of that name"));
  r.pass(FLEET_REPORT_EVERY_MS / 2);
  CHECK_EQUAL(r.failures.size(), 1u);
  r.pass(FLEET_REPORT_EVERY_MS / 2);
  CHECK_EQUAL(r.failures.size(), 2u);

  r.missing = fleetClockFailure();
  r.run();
  CHECK_EQUAL(r.device.state(), FleetState::NoClock);
  CHECK_EQUAL(r.net.connects, 0);
  r.missing = FleetFailure();
  r.run();
  CHECK_EQUAL(r.net.connects, 1);
}

TEST("device: attempts come ever more slowly, and at once again after a fruitful connection") {
  Rig r;
  fakeRandom = 0xffff;  // no luck with jitter
  r.net.reachable = false;
  r.device.begin("broker", 8883, "box");
  r.run();
  for (int attempt = 1; attempt < 4; attempt++) {
    CHECK_EQUAL(r.net.connects, attempt);
    r.pass((FLEET_BACKOFF_BASE_MS << (attempt - 1)) - 10);
    CHECK_EQUAL(r.net.connects, attempt);
    r.pass(10);
  }
  CHECK(r.failedWith("TCP: nobody answers"));

  r.net.reachable = true;
  r.connect();
  r.device.publish("box/t", "1");
  r.run();
  r.hears(puback(1));
  r.net.open = false;
  r.run();
  r.pass(FLEET_BACKOFF_BASE_MS);
  CHECK_EQUAL(r.device.state(), FleetState::Connecting);
}

TEST("device: a broker that hangs up on each reading is not asked ever faster") {
  Rig r;
  fakeRandom = 0xffff;
  r.device.begin("broker", 8883, "box");
  for (int i = 0; i < 3; i++) {
    r.device.publish("box/t", "forbidden");
    r.pass(FLEET_BACKOFF_CAP_MS);
    r.hears(kAccepted);
    r.hears(kSubscribed);
    CHECK(r.device.connected());
    r.net.open = false;
    r.run();
  }
  const int before = r.net.connects;
  r.pass(FLEET_BACKOFF_BASE_MS * 2);
  CHECK_EQUAL(r.net.connects, before);
}

TEST("device: keeps the connection alive, and gives it up when nobody answers") {
  Rig r;
  r.connect();
  r.pass(kQuarterKeepAliveMs * 3);
  CHECK_EQUAL(r.wrote(), bytes("\xc0\0"));
  r.hears(bytes("\xd0\0"));
  r.pass(kQuarterKeepAliveMs * 3);
  CHECK_EQUAL(r.wrote(), bytes("\xc0\0"));
  r.pass(FLEET_REPLY_TIMEOUT_MS);
  CHECK(!r.device.connected());
  CHECK(r.failedWith("MQTT: the connection stands, and nothing has come over it"));
}

TEST("device: gives up a broker that does not answer CONNECT, or a reading") {
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.run();
  r.pass(FLEET_REPLY_TIMEOUT_MS);
  CHECK_EQUAL(r.failures.size(), 1u);
  CHECK(r.failedWith("nothing has come over it"));  // a stall: of certificate and policy it says nothing
  r.connect();
  r.failures.clear();
  r.device.publish("box/t", "1");
  r.run();
  r.pass(FLEET_REPLY_TIMEOUT_MS - 100);
  CHECK(r.device.connected());
  r.pass(100);
  CHECK(!r.device.connected());
  CHECK(r.failedWith("nothing has come over it"));
  CHECK(!r.failedWith("policy"));
}

TEST("device: a quiet hour is no silence that counts") {
  Rig r;
  r.connect();
  r.pass(kQuarterKeepAliveMs * 2);
  r.device.publish("box/t", "1");
  r.run();
  CHECK(r.device.connected());
  r.pass(FLEET_REPLY_TIMEOUT_MS - 100);
  CHECK(r.device.connected());
}

TEST("device: says what was open when the broker hung up") {
  const auto hangsUp = [](Rig& r) {
    r.net.open = false;
    r.run();
  };
  Rig r;
  r.device.begin("broker", 8883, "box");
  r.run();
  hangsUp(r);
  CHECK(r.failedWith("the broker hung up on CONNECT"));
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.hears(kAccepted);
  hangsUp(r);
  CHECK(r.failedWith("the broker hung up on SUBSCRIBE"));
  r.connect();
  r.device.publish("box/t", "1");
  r.run();
  hangsUp(r);
  CHECK(r.failedWith("the broker hung up on PUBLISH"));
  r.connect();
  r.hears(puback(1));
  hangsUp(r);
  CHECK(r.failedWith("the connection is gone"));
}

TEST("device: what lies below MQTT knows better why a connection ended") {
  Rig r;
  r.connect();
  r.diagnosis = fleetBearSslFailure(6, "");
  r.net.open = false;
  r.run();
  CHECK(r.failedWith("TLS: the broker sent a record larger"));
  r.connect();
  r.diagnosis = fleetBearSslFailure(0, "");  // no error: MQTT knows as much
  r.net.open = false;
  r.run();
  CHECK(r.failedWith("MQTT: the connection is gone"));
  r.connect();
  r.missing = fleetWifiFailure(200);
  r.net.open = false;
  r.run();
  CHECK(r.failedWith("Wi-Fi: the access point cannot be heard"));
}

TEST("device: takes leave before it stops, keeps its readings, and can begin again") {
  Rig r;
  r.connect();
  r.device.publish("box/t", "1");
  r.run();
  r.wrote();
  r.device.end();
  CHECK_EQUAL(r.wrote(), bytes("\xe0\0"));  // DISCONNECT: the broker publishes no last will (MQTT 3.1.1, 3.14.4)
  CHECK_EQUAL(r.net.stops, 1);
  CHECK_EQUAL(r.device.state(), FleetState::Idle);
  r.pass(FLEET_BACKOFF_CAP_MS);
  CHECK_EQUAL(r.net.connects, 1);
  CHECK(r.failures.empty());
  CHECK_EQUAL(r.device.waiting(), 1u);
  r.connect();
  CHECK_EQUAL(r.net.connects, 2);
  r.device.end();
  r.device.end();  // without a connection there is nobody to take leave of
  CHECK_EQUAL(r.net.stops, 2);
}

TEST("device: waits until the broker has everything, or for so long") {
  Rig r;
  CHECK(r.device.waitUntilSent(1000));
  r.connect();
  r.device.publish("box/t", "1");
  const uint32_t before = fakeMillis;
  CHECK(!r.device.waitUntilSent(1000));
  CHECK_EQUAL(fakeMillis - before, 1000u);
  CHECK(!r.wrote().empty());
  r.net.incoming = puback(1);
  CHECK(r.device.waitUntilSent(1000));
  CHECK(fakeMillis - before < 1100);
}

TEST("device: a reading tells its age anew each time it is sent") {
  Rig r;
  r.connect();
  r.device.publish("box/t", "{}");
  r.run();
  CHECK(r.wrote().find("{ \"age\":1 ") != std::string::npos);
  r.net.open = false;
  fakeMillis += 123000;
  r.connect();
  r.device.setAge(false);
  r.device.publish("box/t", "{}");
  r.net.open = false;
  r.run();
  r.pass(FLEET_BACKOFF_CAP_MS);
  r.wrote();
  r.hears(kSessionPresent);
  const std::string again = r.wrote();
  CHECK(again.find("{ \"age\":12") != std::string::npos);
  CHECK(again.find("{}") != std::string::npos);
}

TEST("device: each code of CONNACK is named") {
  const char* words[] = {"does not speak MQTT 3.1.1", "refuses the client id",  "not available",
                         "not let this device in",    "not let this device in", "not MQTT 3.1.1"};
  for (char code = 1; code <= 6; code++) {
    Rig r;
    r.device.begin("broker", 8883, "box");
    r.run();
    r.hears(bytes("\x20\2\0") + code);
    CHECK(r.failedWith(words[code - 1]));
    CHECK_EQUAL(r.net.stops, 1);
  }
}
