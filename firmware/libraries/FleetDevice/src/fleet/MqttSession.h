#pragma once

#include <Client.h>

#include "MqttFailure.h"
#include "PacketParser.h"
#include "PacketWriter.h"
#include "ReadingRing.h"

/// Topic and payload of a command; the payload is terminated by a 0 that `length` does not count.
typedef void (*FleetCommandCallback)(const char* topic, const char* payload, size_t length);
/// The same, with what was given together with it.
typedef void (*FleetCommandHandler)(const char* topic, const char* payload, size_t length, void* argument);
/// A message that may be larger than all buffers, piece by piece; the last piece may be empty. A connection that ends
/// in the middle of it leaves the last piece out.
typedef void (*FleetPieceHandler)(const char* topic, const char* piece, size_t length, bool last, void* argument);
/// Writes a message that is larger than all buffers. It is called twice, to count and to send: it writes the same
/// again.
typedef void (*FleetMessageWriter)(Print& out, void* argument);
typedef void (*FleetFailureCallback)(const FleetFailure& failure);

namespace fleet {

/// MQTT 3.1.1 over one connection after the other: sends what the ring holds, hands commands on.
class MqttSession {
 public:
  MqttSession(Client& net, ReadingRing& ring);

  /// False when there are FLEET_SUBSCRIPTIONS already. A filter that is there already gets another handler.
  bool subscribe(const char* filter, FleetCommandHandler handler, void* argument);
  /// Takes what comes for the filters that have no handler.
  void onPieces(FleetPieceHandler handler, void* argument);
  /// Takes back a filter; the broker is not told.
  void forget(const char* filter);
  void onRefusal(FleetFailureCallback onRefusal) { onRefusal_ = onRefusal; }

  /// The network connection stands: begins with CONNECT.
  FleetFailure open(const ConnectOptions& options, uint32_t now);
  /// Does what there is to do. A failure is the end of this session; what the ring holds waits for the next.
  FleetFailure step(uint32_t now);
  /// Takes leave of the broker, which then publishes no last will.
  void leave();
  /// The network connection is gone.
  void close();

  /// The broker has taken CONNECT.
  bool established() const { return part_ == Part::Established; }
  /// Since open(), the broker has acknowledged a reading or answered a ping. Less is no sign of a connection that
  /// holds: one that ends with every forbidden reading gets as far as SUBACK each time.
  bool fruitful() const { return fruitful_; }
  /// Whether the broker has answered all that subscribe() was given.
  bool subscribed() const;
  /// Publishes with QoS 0, at once. False when it did not get out.
  bool publishNow(const char* topic, FleetMessageWriter write, void* argument, uint32_t now);

 private:
  enum class Part : uint8_t { Closed, Connecting, Established };
  enum class State : uint8_t { Wanted, Asked, Granted };
  struct Subscription {
    const char* filter;
    FleetCommandHandler handler;
    void* argument;
  };

  Client& net_;
  ReadingRing& ring_;
  uint8_t received_[FLEET_RECEIVE_BYTES + 1];
  uint8_t control_[FLEET_CONTROL_BYTES];
  PacketParser parser_;
  Subscription subscriptions_[FLEET_SUBSCRIPTIONS];
  State states_[FLEET_SUBSCRIPTIONS];
  uint8_t count_ = 0;
  FleetFailureCallback onRefusal_ = nullptr;
  FleetPieceHandler onPieces_ = nullptr;
  void* piecesArgument_ = nullptr;
  /// A message that the buffer has no room for, while it comes: whose topic, when somebody wants it, and its packet id.
  bool overflowing_ = false;
  const char* overflowTopic_ = nullptr;
  uint16_t overflowId_ = 0;

  Part part_ = Part::Closed;
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
  void handleOverflow(const uint8_t* bytes, size_t count);
  FleetFailure send(uint32_t now);
  FleetFailure askNext(uint32_t now);
  /// All that are in one state go into another. Whether any was.
  bool change(State from, State to);
  bool asking() const;
  FleetFailure write(const uint8_t* packet, size_t size, uint32_t now);
  bool awaitsAnswer() const;
  MqttEnding hungUp() const;
  void refuse(const FleetFailure& failure);
};

}  // namespace fleet
