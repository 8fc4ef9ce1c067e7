// A stream of bytes, cut into packets in memory of some size. First byte: the size, second: how many bytes come at a
// time.
#include <fleet/PacketParser.h>
#include <string.h>

#include <algorithm>
#include <vector>

#include "must.h"

namespace {

void look(fleet::PacketParser& parser) {
  // A copy of its own, as long as promised: AddressSanitizer sees every byte that is read or written beyond.
  std::vector<uint8_t> body(parser.body(), parser.body() + parser.length() + 1);
  const size_t length = parser.length();
  bool flag;
  uint8_t code;
  uint16_t id;
  fleet::readConnack(body.data(), length, flag, code);
  fleet::readSuback(body.data(), length, id, code);
  fleet::readPuback(body.data(), length, id);
  fleet::packetIdOfPublish(parser.first(), body.data(), length);
  fleet::IncomingPublish publish;
  if (!fleet::readPublish(parser.first(), body.data(), length, publish)) return;
  MUST(publish.payload[publish.payloadLength] == 0);
  MUST(strlen(publish.topic) + publish.payloadLength <= length);
  MUST(publish.qos <= 1 || publish.packetId != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  if (count < 2) return 0;
  std::vector<uint8_t> buffer(bytes[0] + 1u);
  const size_t step = bytes[1] + 1u;
  fleet::PacketParser parser(buffer.data(), buffer.size());
  for (size_t at = 2; at < count;) {
    const size_t piece = std::min(step, count - at);
    size_t taken;
    const auto result = parser.feed(bytes + at, piece, taken);
    MUST(taken <= piece);
    MUST(taken > 0);
    MUST(parser.length() < buffer.size());
    if (result == fleet::PacketParser::Result::Malformed) return 0;
    if (result == fleet::PacketParser::Result::NeedMore) MUST(taken == piece);
    if (result == fleet::PacketParser::Result::Packet) MUST(parser.length() == parser.size());
    if (result == fleet::PacketParser::Result::Oversize) MUST(parser.length() < parser.size());
    if (result != fleet::PacketParser::Result::NeedMore) look(parser);
    at += taken;
  }
  return 0;
}
