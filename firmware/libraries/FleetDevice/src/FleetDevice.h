#pragma once

#include <Arduino.h>
#include <Client.h>

#include "FleetConfig.h"
#include "fleet/Backoff.h"
#include "fleet/BearSslFailure.h"
#include "fleet/BuildTime.h"
#include "fleet/Failure.h"
#include "fleet/JsonBool.h"
#include "fleet/MbedTlsFailure.h"
#include "fleet/MqttSession.h"
#include "fleet/NetworkFailure.h"
#include "fleet/ReadingRing.h"
#include "fleet/State.h"
#include "fleet/StatusLed.h"

/// Looks at what lies below MQTT and says what is wrong there; no failure when all is well.
typedef FleetFailure (*FleetCheck)();

/**
 * A device of the fleet: publishes readings with QoS 1, keeps them while there is no connection, takes commands, comes
 * back by itself, and says what is wrong. It works over any Client that verifies its server, and asks for no heap.
 *
 * Give everything first, then begin(), then loop() all the time. Strings are kept as pointers.
 */
class FleetDevice {
 public:
  /// @param net the connection; FleetDevice connects and stops it
  explicit FleetDevice(Client& net);

  /**
   * Commands that match a topic filter, `+` and `#` allowed; QoS 1, so one can come twice. Up to FLEET_SUBSCRIPTIONS
   * filters; a command that matches two goes to both. The same filter again takes the place of the first.
   *
   * @param argument what the handler gets besides
   * @return false when there are too many; onFailure says so
   */
  bool onCommand(const char* filter, FleetCommandHandler handler, void* argument);
  bool onCommand(const char* filter, FleetCommandCallback callback);
  /**
   * Messages that may be larger than FLEET_RECEIVE_BYTES: they come piece by piece. There is one handler for the
   * filters of all calls.
   *
   * @return false when there are too many filters; onFailure says so
   */
  bool onPieces(const char* filter, FleetPieceHandler handler, void* argument);
  /// Takes back a filter of onCommand() or onPieces(). The broker is not told.
  void forget(const char* filter) { session_.forget(filter); }
  /// Whether the broker has answered all of those: what comes from now on is heard.
  bool subscribed() const { return connected() && session_.subscribed(); }
  /// What the broker publishes with QoS 1 when this device vanishes without a word.
  void setWill(const char* topic, const char* payload);
  /**
   * Whether commands that were sent while this device was away are forgotten. By default (false) the broker keeps them
   * for it, AWS IoT Core for an hour, and they are obeyed late: right for a heating, wrong for a door. Before begin().
   */
  void setCleanSession(bool clean) { options_.cleanSession = clean; }
  /**
   * Whether the age of a reading, in milliseconds, is written into it each time it is sent (default: true): as the
   * member `age` of a payload that is an object in JSON, from which the topic rule makes the time when it was taken.
   * For sketches with an `age` of their own: false.
   */
  void setAge(bool withAge) { withAge_ = withAge; }
  /// Called for everything that goes wrong.
  void onFailure(FleetFailureCallback callback);
  /// Called to switch the LED that shows how things stand: see fleet::StatusLed.
  void onLed(FleetLedCallback callback) { led_.attach(callback); }
  /// Asked before each attempt to connect: what is still missing, Wi-Fi or clock? Must not block.
  void setPrecondition(FleetCheck check) { precondition_ = check; }
  /// Asked when the network connection failed or ended by itself: why? May block for as long as DNS and TCP take.
  void setDiagnosis(FleetCheck check) { diagnosis_ = check; }

  /**
   * Starts. The name of the thing is the client id, as AWS IoT Core's policies want it.
   *
   * @return false when something is wrong with the arguments; onFailure says what
   */
  bool begin(const char* host, uint16_t port, const char* thingName) {
    return begin(host, port, thingName, sizeof(FleetDevice));
  }

  /// Does what there is to do. Blocks only while it makes a connection: seconds, on an ESP8266.
  virtual void loop();

  /// Runs loop() until the broker has every reading, or for so long. False when some are left.
  bool waitUntilSent(uint32_t timeoutMs);
  /// Takes leave of the broker, so that it publishes no last will, and stops: before a sleep or a restart that is
  /// meant. Readings stay in the ring; begin() starts again.
  void end();
  /// Gives up the readings that the broker does not have. After end().
  void discard() { ring_.clear(); }

  /**
   * Copies the readings that the broker does not have, oldest first, as many as fit, into memory that outlives a sleep.
   *
   * @return how many did not fit
   */
  size_t keep(void* memory, size_t size) const;
  /**
   * Takes them back, before the first publish().
   *
   * @param sleptMs how long the chip slept, for the age of the readings
   * @return false when that memory holds nothing that keep() wrote, as after power-on
   */
  bool resume(const void* memory, size_t size, uint32_t sleptMs);

  /**
   * Puts a reading into the ring, to be sent with QoS 1 as soon as may be. It stays there until the broker has it.
   *
   * @return false when it was refused, since the ring is full or the topic is none; onFailure says why, of a full ring
   * once until a reading fits again
   */
  bool publish(const char* topic, const char* payload);
  bool publish(const char* topic, const uint8_t* payload, size_t length);
  /**
   * Publishes with QoS 0, past the ring, what may be larger than that.
   *
   * @param write writes the message; it is called twice
   * @return false when there is no connection, or none any more
   */
  bool publishNow(const char* topic, FleetMessageWriter write, void* argument) {
    return session_.publishNow(topic, write, argument, millis());
  }

  bool connected() const { return state_ == FleetState::Connected; }
  FleetState state() const { return state_; }
  /// The last failure; none once connected.
  const FleetFailure& failure() const { return failure_; }
  /// Readings that the broker has not acknowledged.
  size_t waiting() const { return ring_.count(); }
  /// Readings that publish() has accepted. When that less waiting() has come to what this was, so have those.
  uint32_t accepted() const { return accepted_; }
  /// How often in a row the broker has refused a connection, or ended one before it acknowledged anything: by TLS or
  /// MQTT.
  uint8_t refusals() const { return refusals_; }
  /// Readings that publish() refused since begin().
  uint32_t refused() const { return refused_; }

 private:
  Client& net_;
  fleet::ReadingRing ring_;
  fleet::MqttSession session_;
  fleet::Backoff backoff_;
  fleet::StatusLed led_;
  const char* host_ = nullptr;
  uint16_t port_ = 0;
  fleet::ConnectOptions options_;
  FleetCheck precondition_ = nullptr;
  FleetCheck diagnosis_ = nullptr;
  FleetFailureCallback onFailure_ = nullptr;

  FleetState state_ = FleetState::Idle;
  FleetFailure failure_;
  uint32_t refused_ = 0;
  uint32_t accepted_ = 0;
  uint8_t refusals_ = 0;
  bool ringFull_ = false;
  bool withAge_ = true;
  uint32_t agesDroppedAt_ = 0;
  uint32_t waitMs_ = 0;
  uint32_t waitingSince_ = 0;
  FleetStage missing_ = FleetStage::Nothing;
  uint32_t missingSince_ = 0;
  bool missingReported_ = false;

  bool begin(const char* host, uint16_t port, const char* thingName, size_t size);
  bool ready(uint32_t now);
  void connect();
  void run(uint32_t now);
  void disconnected(const FleetFailure& failure);
  void backOff();
  FleetFailure whyDisconnected(const FleetFailure& otherwise) const;
  bool refuse(const FleetFailure& failure);
  void report(const FleetFailure& failure);
};
