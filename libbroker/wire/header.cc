#include "libbroker/wire/header.h"

namespace kt::wire {
namespace {

RequestHeader fixed_part(Decoder& decoder) {
  RequestHeader header;
  decoder.value(header.api_key);
  decoder.value(header.api_version);
  decoder.value(header.correlation_id);
  header.bytes = decoder.position();
  return header;
}

}  // namespace

RequestHeader decode_fixed_header(const Slice& frame) {
  Decoder decoder(frame, 0, false);
  return fixed_part(decoder);
}

RequestHeader decode_request_header(const Slice& frame, const Api& api) {
  Decoder decoder(frame, 0, false);  // the client id keeps the classic form in flexible headers too
  RequestHeader header = fixed_part(decoder);
  std::optional<std::string> client_id;
  decoder.nullable(client_id);
  header.client_id = std::move(client_id).value_or("");
  if (api.is_flexible(header.api_version)) decoder.skip_tags();
  header.bytes = decoder.position();
  return header;
}

bool response_header_is_flexible(ApiKey key, bool flexible_version) {
  return flexible_version && key != ApiKey::api_versions;
}

}  // namespace kt::wire
