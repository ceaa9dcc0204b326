// What becomes of a value that a version cannot carry: left out where Kafka leaves it out, refused where
// Kafka refuses.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/wire/all_messages.h"
#include "libbroker/wire/encoder.h"
#include "tests/unit/wire/golden.h"
#include "tests/unit/wire/path_codec.h"

namespace kt::wire {
namespace {

/// Gives the field at one path a value that is not its default.
class OneField final : public PathCodec {
 public:
  using PathCodec::PathCodec;
  bool was_found() const { return was_found_; }

  using Codec::value;
  void value(std::string& s) override { set(s, std::string("x")); }
  void value(std::optional<std::string>& s) override { set(s, std::optional<std::string>("x")); }
  void value(Slice& s) override { set(s, Slice::view(std::string_view("x"))); }
  // Kafka's default for record data is null; kt's is empty, which is what Kafka's broker sends.
  void value(Records& s) override {
    s = is_target() ? Records{.pieces = {Slice::view(std::string_view("x"))}} : Records::null();
  }
  void value(Uuid& id) override { set(id, Uuid{1, 2}); }
  void value(double& x) override { set(x, 1.5); }

 private:
  template <class T>
  void set(T& x, T other) {
    if (is_target()) x = std::move(other);
  }
  void visit() override { was_found_ = was_found_ || is_target(); }
  int64_t integer(int64_t value, size_t) override { return is_target() ? value ^ 2 : value; }
  bool boolean(bool value) override { return is_target() ? !value : value; }
  int64_t length(int64_t count) override { return is_target() || is_on_the_way() ? 1 : count; }
  bool present(bool is_there, int8_t) override { return is_target() || is_on_the_way() || is_there; }

  bool was_found_ = false;
};

template <class M>
std::optional<M> with_only(const std::string& path) {
  for (int16_t version = M::max_version; version >= M::min_version; --version) {
    M message;
    OneField setter(version, version >= M::first_flexible, path);
    setter.value(message);
    if (setter.was_found()) return message;
  }
  return std::nullopt;
}

size_t cases = 0;

struct AbsentFields {
  template <class M>
  void operator()() const {
    for (const AbsentCase& absent : read_absent(M::type_name)) {
      if (absent.version < M::min_version || absent.version > M::max_version) continue;
      SCOPED_TRACE(std::string(M::type_name) + " v" + std::to_string(absent.version) + " " + absent.path);
      const std::optional<M> message = with_only<M>(absent.path);
      if (!message) {
        EXPECT_GT(read_golden(M::type_name).back().version, M::max_version) << "no version has this field";
        continue;
      }
      ++cases;
      if (absent.bytes) {
        EXPECT_NO_THROW(EXPECT_EQ(to_hex(encode_bytes(*message, absent.version)), to_hex(*absent.bytes)));
      } else {
        EXPECT_THROW(encode_bytes(*message, absent.version), EncodeError);
      }
    }
  }
};

TEST(AbsentFields, AreLeftOutOrRefusedAsByKafka) {
  visit_messages(AbsentFields{});
  EXPECT_GT(cases, 1000u);
}

}  // namespace
}  // namespace kt::wire
