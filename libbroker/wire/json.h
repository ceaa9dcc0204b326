#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Writes a message as the JSON that Kafka's own tools print of it: camelCase names in the schema's order,
/// absent fields left out, uuids as text, bytes as base64, record data as its size, tagged fields only when
/// they are not the default.
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
  bool present(bool is_there, int8_t null_marker) override;
  void label(const char* name, const void* place) override;
  void open(char bracket) override;
  void close(char bracket) override;
  bool open_tag(uint32_t /*tag*/, bool leave_out) override { return !leave_out; }
  void close_tag() override {}
  void close_object();
  void separate();  // a comma between the elements of an array

  /// Where a member's text begins in out_, and where the member is in its struct.
  struct Member {
    const void* place;
    size_t begin;
  };
  std::string out_;
  std::vector<Member> members_;        // of the objects being written, innermost last, without commas
  std::vector<size_t> object_starts_;  // where each object's members begin in members_
};

/// As Java prints a double: "0.25", "12.0", "1.0E7", "NaN".
std::string java_double(double x);

/// `text` in quotes, escaped.
std::string json_string(std::string_view text);

template <Message M>
std::string to_json(const M& message, int16_t version) {
  JsonDump dump(version, version >= M::first_flexible);
  dump.value(const_cast<M&>(message));
  return dump.take();
}

}  // namespace kt::wire
