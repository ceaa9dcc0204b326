// The one file of the tests that includes every message: a compiler needs most of a minute for them.
#include "tests/support/messages.h"

#include "libbroker/wire/all_messages.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "libbroker/wire/json.h"

namespace kt::test {
namespace {

template <class M>
class MessageOf final : public AnyMessage {
 public:
  void visit(wire::Codec& codec) override { codec.value(message_); }

 private:
  M message_;
};

struct Collect {
  std::vector<MessageType>& types;

  template <class M>
  void operator()() const {
    MessageType type{.name = M::type_name,
                     .api_key = -1,
                     .min_version = M::min_version,
                     .max_version = M::max_version,
                     .first_flexible = M::first_flexible,
                     .make = [] -> std::unique_ptr<AnyMessage> { return std::make_unique<MessageOf<M>>(); }};
    if constexpr (requires { M::api_key; }) {
      if (type.is_request() || type.is_response()) type.api_key = M::api_key;
    }
    types.push_back(type);
  }
};

}  // namespace

std::unique_ptr<AnyMessage> MessageType::decode(const Slice& body, int16_t version) const {
  auto message = make();
  wire::Decoder decoder(body, version, is_flexible(version));
  message->visit(decoder);
  return message;
}

std::vector<std::byte> MessageType::encode(AnyMessage& message, int16_t version) const {
  wire::Encoder encoder(version, is_flexible(version));
  message.visit(encoder);
  return encoder.take_bytes();
}

std::string MessageType::to_json(AnyMessage& message, int16_t version) const {
  wire::JsonDump dump(version, is_flexible(version));
  message.visit(dump);
  return dump.take();
}

std::span<const MessageType> message_types() {
  static const std::vector<MessageType> types = [] {
    std::vector<MessageType> all;
    wire::visit_messages(Collect{all});
    return all;
  }();
  return types;
}

}  // namespace kt::test
