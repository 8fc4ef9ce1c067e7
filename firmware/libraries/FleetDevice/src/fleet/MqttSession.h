#pragma once

#include <Client.h>

#include "MqttFailure.h"
#include "PacketParser.h"
#include "PacketWriter.h"
#include "ReadingRing.h"

/// Topic and payload of a command; the payload is terminated by a 0 that `length` does not count.
typedef void (*FleetCommandCallback)(const char* topic, const char* payload, size_t length);
typedef void (*FleetFailureCallback)(const FleetFailure& failure);

namespace fleet {

/// MQTT 3.1.1 over one connection after the other: sends what the ring holds, hands commands on.
class MqttSession {
 public:
  MqttSession(Client& net, ReadingRing& ring);

  /// One filter; null: no commands.
  void setSubscription(const char* filter, FleetCommandCallback onCommand);
  void onRefusal(FleetFailureCallback onRefusal) { onRefusal_ = onRefusal; }

  /// The network connection stands: begins with CONNECT.
  FleetFailure open(const ConnectOptions& options, uint32_t now);
  /// Does what there is to do. A failure is the end of this session; what the ring holds waits for the next.
  FleetFailure step(uint32_t now);
  /// The network connection is gone.
  void close();

  /// The broker has taken CONNECT.
  bool established() const { return part_ == Part::Established; }
  /// Since open(), the broker has acknowledged a reading or answered a ping. Less is no sign of a connection that
  /// holds: one that ends with every forbidden reading gets as far as SUBACK each time.
  bool fruitful() const { return fruitful_; }

 private:
  enum class Part : uint8_t { Closed, Connecting, Established };
  enum class Subscription : uint8_t { None, Wanted, Asked, Granted };

  Client& net_;
  ReadingRing& ring_;
  uint8_t received_[FLEET_RECEIVE_BYTES + 1];
  uint8_t control_[FLEET_CONTROL_BYTES];
  PacketParser parser_;
  const char* filter_ = nullptr;
  FleetCommandCallback onCommand_ = nullptr;
  FleetFailureCallback onRefusal_ = nullptr;

  Part part_ = Part::Closed;
  Subscription subscription_ = Subscription::None;
  bool fruitful_ = false;
  bool pinging_ = false;
  uint32_t keepAliveMs_ = 0;
  uint32_t writtenAt_ = 0;
  /// When the broker last owed nothing, or last gave some of what it owes.
  uint32_t answeredAt_ = 0;

  FleetFailure receive(uint32_t now);
  FleetFailure handle(uint32_t now);
  FleetFailure handleConnack();
  FleetFailure handleCommand(uint32_t now);
  FleetFailure handleOversize(uint32_t now);
  FleetFailure send(uint32_t now);
  FleetFailure write(const uint8_t* packet, size_t size, uint32_t now);
  bool awaitsAnswer() const;
  MqttEnding hungUp() const;
  void refuse(const FleetFailure& failure);
};

}  // namespace fleet
