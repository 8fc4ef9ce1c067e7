#pragma once

#include <Arduino.h>

/*
  What is wired where, a block for each chip. For a board with other wires, define all of these for the whole build
  (see FleetConfig.h).

  None of the pins here is one that the chip needs for itself: for its flash, its serial line or USB, or to choose how
  it starts (ESP8266 and ESP32 series datasheets, "Strapping Pins" and "Pin Definitions"). A sensor's pin can measure
  while Wi-Fi is on (ADC1).
*/

#if defined(FLEET_RELAY_PIN) && defined(FLEET_REED_PIN) && defined(FLEET_SENSOR_PIN) && defined(FLEET_LED_PIN)

#elif defined(ESP8266)
#define FLEET_RELAY_PIN 5  // D1 of a NodeMCU or D1 mini
#define FLEET_REED_PIN 4   // D2
#define FLEET_SENSOR_PIN A0
#define FLEET_LED_PIN LED_BUILTIN
#define FLEET_LED_ON LOW  // this LED shines when its pin is low

#elif defined(CONFIG_IDF_TARGET_ESP32)
#define FLEET_RELAY_PIN 26
#define FLEET_REED_PIN 27
#define FLEET_SENSOR_PIN 34
#define FLEET_LED_PIN 2  // the blue LED of most boards; it decides nothing when the chip starts from flash

#elif defined(CONFIG_IDF_TARGET_ESP32C3)
#define FLEET_RELAY_PIN 6
#define FLEET_REED_PIN 7
#define FLEET_SENSOR_PIN 3
#define FLEET_LED_PIN 10  // an LED of your own: that of the DevKits is no plain LED

#elif defined(CONFIG_IDF_TARGET_ESP32S3)
#define FLEET_RELAY_PIN 5
#define FLEET_REED_PIN 6
#define FLEET_SENSOR_PIN 4
#define FLEET_LED_PIN 7  // an LED of your own: that of the DevKits is no plain LED

#elif defined(CONFIG_IDF_TARGET_ESP32C6)
#define FLEET_RELAY_PIN 18
#define FLEET_REED_PIN 19
#define FLEET_SENSOR_PIN 2
#define FLEET_LED_PIN 20  // an LED of your own: that of the DevKits is no plain LED

#else
#error \
    "FleetPins.h has no pins for this chip. Define FLEET_RELAY_PIN, FLEET_REED_PIN, FLEET_SENSOR_PIN and FLEET_LED_PIN"
#endif

#ifndef FLEET_LED_ON
#define FLEET_LED_ON HIGH
#endif
