// A frame as a broker gets it: header, then the body of any API at any version.
#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/header.h"
#include "tests/fuzz/messages.h"
#include "tests/fuzz/target.h"

namespace kt::fuzz {

std::optional<Located> locate(std::span<const std::byte> input) {
  const Slice frame = Slice::view(input);
  try {
    const wire::RequestHeader fixed = wire::decode_fixed_header(frame);
    const wire::Api* api = wire::find_api(fixed.api_key);
    const MessageType* type = find_request(fixed.api_key);
    expect((api == nullptr) == (type == nullptr), "every API has its messages");
    if (type == nullptr || !type->has(fixed.api_version)) return std::nullopt;
    const wire::RequestHeader header = wire::decode_request_header(frame, *api);
    expect(header.bytes <= frame.size(), "a header ends in its frame");
    return Located{type, header.api_version, header.bytes};
  } catch (const wire::DecodeError&) {
    return std::nullopt;
  }
}

}  // namespace kt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kt;
  const auto input = fuzz::input_of(data, size);
  if (const auto message = fuzz::locate(input))
    fuzz::check_message(*message->type, Slice::view(input.subspan(message->body_at)), message->version);
  return 0;
}
