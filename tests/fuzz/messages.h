#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "libbroker/base/rng.h"
#include "libbroker/base/slice.h"
#include "tests/support/messages.h"

namespace kt::fuzz {

using test::MessageType;

const MessageType* find_request(int16_t api_key);
const MessageType* find_response(int16_t api_key);
/// A type that is neither: a record's key or value, the contents of a small file.
const MessageType* find_stored(std::string_view name);

/// Decodes `body`. What decodes must encode again, to no more bytes and the same ones where the writer had
/// no choice, decode to the same message once more, and print as JSON; decoding takes no more memory than
/// its budget. Whether it was a message.
bool check_message(const MessageType& type, const Slice& body, int16_t version);
/// The same message with one value changed; none when `body` is no message, or the changed one cannot be
/// said.
std::optional<std::vector<std::byte>> change_message(const MessageType& type, const Slice& body,
                                                     int16_t version, Rng& rng);

/// The message of an input, for targets whose inputs are one message behind a head.
struct Located {
  const MessageType* type;
  int16_t version;
  size_t body_at;
};
/// Defined by each of those targets.
std::optional<Located> locate(std::span<const std::byte> input);

}  // namespace kt::fuzz
