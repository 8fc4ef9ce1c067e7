#pragma once

/*
  Everything that can be tuned. A value must be the same in the sketch and in the library, so set it for the whole
  build, not with a #define in the sketch: `build_flags = -DFLEET_RING_BYTES=8192` in platformio.ini, or in Arduino IDE
  a file `build_opt.h` beside the sketch (ESP32), `<sketch>.ino.globals.h` (ESP8266). begin() refuses a mixture.
*/

/// Memory for readings that the broker has not acknowledged. One takes its topic, its payload and at most 16 bytes.
#ifndef FLEET_RING_BYTES
#define FLEET_RING_BYTES 3072
#endif

/// Readings sent and not yet acknowledged, at most. AWS IoT Core takes up to 100 of a client (message broker limits).
#ifndef FLEET_WINDOW
#define FLEET_WINDOW 8
#endif

/// Largest command, topic included. A longer one is skipped, acknowledged and reported.
#ifndef FLEET_RECEIVE_BYTES
#define FLEET_RECEIVE_BYTES 512
#endif

/// Filters that onCommand() takes; FleetIdentity takes five of them.
#ifndef FLEET_SUBSCRIPTIONS
#define FLEET_SUBSCRIPTIONS 8
#endif

/// Room for CONNECT (thing name and last will) and SUBSCRIBE.
#ifndef FLEET_CONTROL_BYTES
#define FLEET_CONTROL_BYTES 320
#endif

/// Half as much again of silence, in seconds, and the broker takes the device for dead. AWS IoT Core takes up to 1200.
#ifndef FLEET_KEEP_ALIVE_S
#define FLEET_KEEP_ALIVE_S 60
#endif

/// How long the broker may take for an answer before the connection counts as dead.
#ifndef FLEET_REPLY_TIMEOUT_MS
#define FLEET_REPLY_TIMEOUT_MS 10000
#endif

/// The n-th attempt in a row waits a random time between 0 and the smaller of BASE * 2^n and CAP.
#ifndef FLEET_BACKOFF_BASE_MS
#define FLEET_BACKOFF_BASE_MS 1000
#endif
#ifndef FLEET_BACKOFF_CAP_MS
#define FLEET_BACKOFF_CAP_MS 120000
#endif

/// Wi-Fi and clock need a moment after power-on: how long they may be missing before that is reported, and how often.
#ifndef FLEET_REPORT_AFTER_MS
#define FLEET_REPORT_AFTER_MS 8000
#endif
#ifndef FLEET_REPORT_EVERY_MS
#define FLEET_REPORT_EVERY_MS 60000
#endif

/// How long an ESP8266 that is online waits for NTP before it goes on with the earliest time that it can be
/// (FleetClock).
#ifndef FLEET_NTP_PATIENCE_MS
#define FLEET_NTP_PATIENCE_MS 15000
#endif

/// An encrypted record of the broker has to fit into an ESP8266's receive buffer whole, and AWS IoT Core keeps the
/// right to send 16 KB whatever a client asks for. What is sent is small. With these two, a verified handshake
/// takes 32.5 KB of heap with an EC identity. A broker that honours a smaller fragment length (mosquitto does) lets you
/// choose 512 here too, which saves 15.5 KB.
#ifndef FLEET_TLS_RECEIVE_BYTES
#define FLEET_TLS_RECEIVE_BYTES 16384
#endif
#ifndef FLEET_TLS_SEND_BYTES
#define FLEET_TLS_SEND_BYTES 512
#endif

/// How long an ESP32 waits for TCP, and for each write, and for the TLS handshake (in whole seconds). The core's own
/// times are 30 s and 120 s. An ESP8266 waits for 15 s each, which its core does not let anybody change.
#ifndef FLEET_TCP_TIMEOUT_MS
#define FLEET_TCP_TIMEOUT_MS 10000
#endif
#ifndef FLEET_TLS_TIMEOUT_MS
#define FLEET_TLS_TIMEOUT_MS 15000
#endif
static_assert(FLEET_TLS_TIMEOUT_MS > FLEET_TCP_TIMEOUT_MS, "only the time tells one from the other");

/// An ESP32 without its Wi-Fi asks for it again after so long, each time; and restarts after so long, in case its radio
/// hangs, which empties the ring. 0: it never restarts.
#ifndef FLEET_WIFI_AGAIN_MS
#define FLEET_WIFI_AGAIN_MS 30000
#endif
#ifndef FLEET_WIFI_RESTART_MS
#define FLEET_WIFI_RESTART_MS 3600000
#endif
