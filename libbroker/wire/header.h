#pragma once
#include <optional>
#include <string>

#include "libbroker/wire/api_keys.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"

namespace kt::wire {

/// What stands before every request (protocol guide, "Headers"; v1, and v2 for flexible versions).
struct RequestHeader {
  int16_t api_key = 0;
  int16_t api_version = 0;
  int32_t correlation_id = 0;
  std::string client_id;  // null on the wire reads as empty
  size_t bytes = 0;       // where the body begins
};

/// The fixed 8 bytes at the start of every frame, which an unknown API or version has too. Throws
/// DecodeError.
RequestHeader decode_fixed_header(const Slice& frame);
/// The whole header, for an API of the table. Throws DecodeError.
RequestHeader decode_request_header(const Slice& frame, const Api& api);

/// Whether an answer of this API and version carries tagged fields in its header. ApiVersions never does, so
/// that a client can read the answer to a version its broker does not know.
bool response_header_is_flexible(ApiKey key, bool flexible_version);

/// Header and body of an answer, ready for a frame.
template <Message M>
std::vector<Piece> encode_response(int32_t correlation_id, const M& message, int16_t version) {
  const bool flexible = version >= M::first_flexible;
  Encoder encoder(version, flexible);
  encoder.value(correlation_id);
  if (response_header_is_flexible(static_cast<ApiKey>(M::api_key), flexible)) encoder.unsigned_varint(0);
  encoder.value(const_cast<M&>(message));
  return encoder.take();
}

/// Header and body of a request, ready for a frame.
template <Message M>
std::vector<Piece> encode_request(int32_t correlation_id, const std::string& client_id, const M& message,
                                  int16_t version) {
  const bool flexible = version >= M::first_flexible;
  Encoder encoder(version, flexible);
  encoder.request_header(M::api_key, version, correlation_id, client_id);
  if (flexible) encoder.unsigned_varint(0);
  encoder.value(const_cast<M&>(message));
  return encoder.take();
}

/// The body of an answer whose frame begins with the correlation id. Throws DecodeError, also on another id.
template <Message M>
M decode_response(const Slice& frame, int32_t correlation_id, int16_t version) {
  const bool flexible = version >= M::first_flexible;
  Decoder decoder(frame, version, flexible);
  int32_t id = 0;
  decoder.value(id);
  if (id != correlation_id) throw DecodeError("answer to another request");
  if (response_header_is_flexible(static_cast<ApiKey>(M::api_key), flexible)) decoder.skip_tags();
  M message;
  decoder.value(message);
  return message;
}

}  // namespace kt::wire
