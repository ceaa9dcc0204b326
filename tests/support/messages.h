#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/wire/codec.h"

namespace kt::test {

/// A message of wire/ behind its type.
class AnyMessage {
 public:
  virtual ~AnyMessage() = default;
  /// Has `codec` visit its fields: they are read, written, printed or changed.
  virtual void visit(wire::Codec& codec) = 0;
};

/// What a message's struct says of itself, and what wire/ does with any message.
struct MessageType {
  std::string_view name;
  int16_t api_key, min_version, max_version, first_flexible;  // api_key -1: neither request nor answer

  bool is_request() const { return name.ends_with("Request"); }
  bool is_response() const { return name.ends_with("Response"); }
  bool has(int16_t version) const { return min_version <= version && version <= max_version; }
  bool is_flexible(int16_t version) const { return version >= first_flexible; }
  /// "ProduceRequest v3", for whoever reads a failure.
  std::string at(int16_t version) const { return std::string(name) + " v" + std::to_string(version); }

  /// A default one.
  std::unique_ptr<AnyMessage> (*make)();
  /// Throws DecodeError.
  std::unique_ptr<AnyMessage> decode(const Slice& body, int16_t version) const;
  /// Throws EncodeError.
  std::vector<std::byte> encode(AnyMessage& message, int16_t version) const;
  std::string to_json(AnyMessage& message, int16_t version) const;
};

/// Every type of all_messages.h, in its order.
std::span<const MessageType> message_types();

}  // namespace kt::test
