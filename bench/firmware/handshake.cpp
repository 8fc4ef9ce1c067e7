// A board that connects twice, in full and with the session of before, and prints what each took: a line of JSON each.
// The ESP8266's TLS, on its processor; see testing/firmware/chip.

#include <ESP8266WiFi.h>
#include <coredecls.h>
#include <heap.h>
#include <stack-thunk.h>
#include <time.h>
#include <unistd.h>

#include "secrets.h"

namespace {

/// A system call that Linux does not have: count-instructions.c prints what it has counted.
void printInstructions() {
  register long number asm("a2") = 4000;
  asm volatile("syscall" : "+r"(number) : : "memory");
}

/// What verifies the broker, and what the board shows it.
struct Identity {
  BearSSL::X509List roots{AWS_CERT_CA};
  BearSSL::X509List certificate{AWS_CERT_CRT};
  BearSSL::PrivateKey key{AWS_CERT_PRIVATE};
  BearSSL::Session session;
};

void measure(BearSSL::WiFiClientSecure& net, size_t unrelated) {
  heapPeak = heapInUse;
  paintTlsStack();
  printInstructions();
  const int connected = net.connect(AWS_IOT_ENDPOINT, AWS_IOT_PORT);
  printInstructions();
  // The broker answers once it has verified the board, so that its last word of the handshake is in.
  uint8_t answer = 0;
  net.write('?');
  while (net.connected() && net.read(&answer, 1) <= 0) delay(1);
  Serial.printf("{\"verified\":%s,\"peak\":%u,\"connected\":%u,\"stack\":%u}\n",
                connected && answer == '!' ? "true" : "false", static_cast<unsigned>(heapPeak - unrelated),
                static_cast<unsigned>(heapInUse - unrelated), static_cast<unsigned>(tlsStackUsed()));
  net.stop();
}

}  // namespace

void setup() {
  const size_t unrelated = heapInUse - heapTaken(kTlsStackBytes);
  configTime(0, 0, "pool.ntp.org", "");
  while (time(nullptr) < 1000000000) delay(1);
  Identity identity;
  BearSSL::WiFiClientSecure net;
  net.setTrustAnchors(&identity.roots);
  if (identity.key.isEC()) {
    net.setClientECCert(&identity.certificate, &identity.key, BR_KEYTYPE_SIGN, BR_KEYTYPE_RSA);
  } else {
    net.setClientRSACert(&identity.certificate, &identity.key);
  }
  net.setBufferSizes(TLS_RECEIVE_BYTES, TLS_SEND_BYTES);
  net.setSession(&identity.session);
  measure(net, unrelated);
  measure(net, unrelated);
  _exit(0);
}

void loop() {}
