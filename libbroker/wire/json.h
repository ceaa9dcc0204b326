#pragma once
#include <string>

#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Writes a message as the JSON that Kafka's own tools print of it: camelCase names, absent fields left out, uuids as
/// text, bytes as base64, tagged fields only when they are not the default.
class JsonDump final : public Codec {
 public:
  JsonDump(int16_t version, bool flexible) : Codec(version, flexible, Direction::out) {}
  std::string take() { return std::exchange(out_, {}); }

  using Codec::value;
  void value(std::string& s) override;
  void value(std::optional<std::string>& s) override;
  void value(Slice& s) override;
  void value(Records& s) override;
  void value(Uuid& id) override;
  void value(double& x) override;

 private:
  int64_t integer(int64_t value, size_t width) override;
  bool boolean(bool value) override;
  int64_t length(int64_t count) override;
  bool present(bool is_there) override;
  void label(const char* name) override;
  void open(char bracket) override;
  void close(char bracket) override;
  bool open_tag(uint32_t tag, const char* name, bool leave_out) override;
  void close_tag() override {}
  void separate();  // a comma, unless a bracket or a label stands just before

  std::string out_;
};

/// `text` in quotes, escaped.
std::string json_string(std::string_view text);

template <Message M>
std::string to_json(const M& message, int16_t version) {
  JsonDump dump(version, version >= M::first_flexible);
  dump.value(const_cast<M&>(message));
  return dump.take();
}

}  // namespace kt::wire
