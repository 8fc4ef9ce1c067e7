// A device whose broker is the test: what the device writes can be read, and what the test says, it receives.
#pragma once

#include <FleetDevice.h>

#include <algorithm>
#include <string>
#include <vector>

#include "unit.h"

/// Connects at once, to nobody.
class ScriptedNet : public Client {
 public:
  int connect(IPAddress, uint16_t) override { return 0; }
  int connect(const char* host, uint16_t port) override {
    connects++;
    address = std::string(host) + ":" + std::to_string(port);
    open = reachable;
    incoming.clear();
    outgoing.clear();
    return open;
  }
  size_t write(uint8_t byte) override { return write(&byte, 1); }
  size_t write(const uint8_t* from, size_t count) override {
    const size_t taken = open ? std::min(count, room) : 0;
    if (taken < count) open = false;
    outgoing.append(reinterpret_cast<const char*>(from), taken);
    return taken;
  }
  int available() override { return static_cast<int>(incoming.size()); }
  int read() override { return -1; }
  int read(uint8_t* to, size_t count) override {
    const size_t step = std::min({count, incoming.size(), piece});
    memcpy(to, incoming.data(), step);
    incoming.erase(0, step);
    return static_cast<int>(step);
  }
  int peek() override { return -1; }
  void flush() override {}
  void stop() override {
    stops++;
    open = false;
  }
  uint8_t connected() override { return open || !incoming.empty(); }
  operator bool() override { return connected(); }

  std::string incoming, outgoing, address;
  bool reachable = true, open = false;
  int connects = 0, stops = 0;
  size_t room = SIZE_MAX;   ///< bytes that the connection still takes
  size_t piece = SIZE_MAX;  ///< bytes that come at a time
};

/// A device with a scripted net. One at a time: the device's callbacks have no place for a pointer.
class Rig {
 public:
  ScriptedNet net;
  FleetDevice device{net};
  std::vector<std::string> failures;
  std::vector<std::string> commands;
  FleetFailure missing, diagnosis;

  Rig();
  /// Lets loop() run so often, a millisecond apart.
  void run(int rounds = 3);
  void pass(uint32_t ms) {
    fakeMillis += ms;
    run();
  }
  /// The broker says something.
  void hears(const std::string& packet) {
    net.incoming += packet;
    run();
  }
  /// What the device wrote since.
  std::string wrote() {
    std::string all;
    all.swap(net.outgoing);
    return all;
  }
  bool failedWith(const std::string& words) const;
  /// Connects and subscribes; nothing else is under way.
  void connect();
};

extern Rig* rig;

const std::string kAccepted = bytes("\x20\2\0\0");
const std::string kSessionPresent = bytes("\x20\2\1\0");
const std::string kSubscribe = bytes(
    "\x82\x0e\xff\xff\0\x09"
    "cmd/box/#\1");
const std::string kSubscribed = bytes("\x90\3\xff\xff\1");
std::string puback(uint16_t id);
/// A PUBLISH of the device with topic "box/t".
std::string reading(uint16_t id, const std::string& payload, bool dup = false);
