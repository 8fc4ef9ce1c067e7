#pragma once

/*
  Everything that can be tuned. A value must be the same in the sketch and in the library, so set it for the whole
  build, not with a #define in the sketch: `build_flags = -DFLEET_RING_BYTES=8192` in platformio.ini, or in Arduino IDE
  a file `build_opt.h` beside the sketch (ESP32), `<sketch>.ino.globals.h` (ESP8266). begin() refuses a mixture.
*/

/// Memory for readings that the broker has not acknowledged. One takes its topic, its payload and at most 12 bytes.
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

/// Room for CONNECT (thing name and last will) and SUBSCRIBE.
#ifndef FLEET_CONTROL_BYTES
#define FLEET_CONTROL_BYTES 384
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
