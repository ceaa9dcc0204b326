#include "tests/fuzz/messages.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "libbroker/wire/decoder.h"
#include "tests/fuzz/field_mutator.h"
#include "tests/fuzz/target.h"
#include "tests/support/allocated.h"

namespace kt::fuzz {
namespace {

constexpr int64_t exception_bytes = 1 << 10;  // of a refusal's sentence, which is not the message's

// A writer has a choice only in bytes of truth: a boolean is any byte but 0, and so is the marker of a struct
// that is there; the marker of one that is not is any negative one.
void expect_same_where_canonical(std::span<const std::byte> in, std::span<const std::byte> out) {
  expect(out.size() <= in.size(), "a message encodes to no more bytes than it was decoded from");
  if (out.size() < in.size()) return;  // defaults were spelt out, tags were unknown, varints were padded
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == out[i]) continue;
    const bool is_truth = out[i] == std::byte{1};
    const bool is_null_marker = out[i] == std::byte{0xff} && in[i] >= std::byte{0x80};
    expect(is_truth || is_null_marker, "a message encodes to the bytes it was decoded from");
  }
}

// Text may be any bytes here; what is around it must be JSON.
void expect_json(std::string json) {
  std::ranges::replace_if(json, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  expect(nlohmann::json::accept(json), "a message prints as JSON");
}

template <class Condition>
const MessageType* find_type(const Condition& condition) {
  const auto types = test::message_types();
  const auto found = std::ranges::find_if(types, condition);
  return found == types.end() ? nullptr : &*found;
}

}  // namespace

const MessageType* find_request(int16_t api_key) {
  return find_type([&](const MessageType& type) { return type.is_request() && type.api_key == api_key; });
}

const MessageType* find_response(int16_t api_key) {
  return find_type([&](const MessageType& type) { return type.is_response() && type.api_key == api_key; });
}

const MessageType* find_stored(std::string_view name) {
  return find_type([&](const MessageType& type) {
    return !type.is_request() && !type.is_response() && type.name == name;
  });
}

bool check_message(const MessageType& type, const Slice& body, int16_t version) {
  const auto message = type.make();
  wire::Decoder decoder(body, version, type.is_flexible(version));
  bool is_message = true;
  const int64_t height = test::allocated_height_of([&] {
    try {
      message->visit(decoder);
    } catch (const wire::DecodeError&) {
      is_message = false;
    }
  });
  expect(height <= static_cast<int64_t>(wire::Decoder::budget_for(body.size())) + exception_bytes,
         "decoding takes no more memory than its budget");
  if (!is_message) return false;

  const std::vector<std::byte> again = type.encode(*message, version);
  expect_same_where_canonical(body.bytes.first(decoder.position()), again);
  const auto same = type.decode(Slice::view(again), version);
  expect(type.encode(*same, version) == again, "what was encoded decodes to the same message");
  const std::string json = type.to_json(*message, version);
  expect(json == type.to_json(*same, version), "what was encoded prints the same");
  expect_json(json);
  return true;
}

std::optional<std::vector<std::byte>> change_message(const MessageType& type, const Slice& body,
                                                     int16_t version, Rng& rng) {
  try {
    const auto message = type.decode(body, version);
    FieldMutator count(version, type.is_flexible(version), rng, FieldMutator::none);
    message->visit(count);
    if (count.seen() == 0) return std::nullopt;
    FieldMutator mutator(version, type.is_flexible(version), rng, rng.below(count.seen()));
    message->visit(mutator);
    return type.encode(*message, version);
  } catch (const wire::DecodeError&) {
  } catch (const wire::EncodeError&) {
  }
  return std::nullopt;
}

}  // namespace kt::fuzz
