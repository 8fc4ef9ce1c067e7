// Takes a string in flash for one in memory.
#include <Arduino.h>

const char text[] PROGMEM = "not like this";

void setup() {
  Serial.println("before");
  Serial.println(text);
  Serial.println("after");
}

void loop() {}
