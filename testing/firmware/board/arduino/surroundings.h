// What surrounds a board: its Wi-Fi, the network behind it, and a test that watches. A test speaks through environment
// variables at the start (BOARD_...), and through lines on the standard input later.
#pragma once

#include <stdint.h>

namespace surroundings {

/// A setting of the test: BOARD_<name>.
const char* setting(const char* name, const char* otherwise);

/// Reads what the test has to say: `wifi off 200` (a reason code), `wifi on`, `radio hangs`, `ntp on`, `pin 27 1`,
/// `hurry 100`, `silent`, `flash full`.
void listen();
/// The descriptor with what the test has to say next; -1 once it has no more to say.
int input();

/// How many bytes somebody has typed on the serial port that the board has not read: lines of the test, behind `type `.
int typed();
/// The next one of them; -1 when there is none.
int readTyped();

/// What is wired to an input: the level that the test gave it last, low before.
bool level(uint8_t pin);

/// Lets so many times as much time pass as delay() says, and none else; 0: the time of this machine.
void setHurry(uint32_t times);
/// In a hurry, that time has passed.
void pass(uint32_t ms);
/// Whether nothing will come over the connection that there is: as long as it lasts, waiting takes no time of this
/// machine. At its end a line on descriptor 3 says how much it took by the clock of the board: "silence 15000".
bool silent();

bool wifiIsOn();
/// Whether the radio does nothing any more until the chip restarts.
bool radioHangs();
/// The test has asked it to end.
void end();
bool ended();
/// What outlives a deep sleep, and nothing else: variables in this section, from the linker's mark to its other one.
#define SURVIVES_SLEEP __attribute__((section("rtc_memory"), used))
/// Sleeps for so long, says so on descriptor 3, "sleep 1000", and starts anew.
[[noreturn]] void deepSleep(uint64_t us);
/// After such a sleep: what outlived it is there again. To be called first.
void wake();
/// The chip restarts, and says so on descriptor 3: "restart".
[[noreturn]] void restart();
/// Called when the Wi-Fi goes, with the reason.
void onWifiOff(void (*callback)(uint8_t reason));

/// What NTP servers do (BOARD_NTP): `on`, `off`, or `forged`: they say 2001.
const char* ntp();

/// The address of a host name; 0 when it has none (BOARD_DNS=off). All names lead to this machine; an address is
/// itself.
uint32_t resolve(const char* host);

/// A TCP connection that does not block, or -1; BOARD_TCP=dropped: nothing answers, not even a refusal. Whatever the
/// port, it is that of the test: BOARD_PORT.
int connectTcp(uint32_t address, uint32_t timeoutMs);
void closeTcp(int descriptor);

}  // namespace surroundings
