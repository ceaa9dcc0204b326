// What becomes of a value that a version cannot carry: left out where Kafka leaves it out, refused where
// Kafka refuses.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/messages.h"
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

/// A message with the field at `path` set, by the newest version that has it; null when none has.
std::unique_ptr<test::AnyMessage> with_only(const test::MessageType& type, const std::string& path) {
  for (int16_t version = type.max_version; version >= type.min_version; --version) {
    auto message = type.make();
    OneField setter(version, type.is_flexible(version), path);
    message->visit(setter);
    if (setter.was_found()) return message;
  }
  return nullptr;
}

/// Whether kt has the field, so that there was something to compare.
bool check_absent(const test::MessageType& type, const AbsentCase& absent) {
  SCOPED_TRACE(type.at(absent.version) + " " + absent.path);
  const auto message = with_only(type, absent.path);
  if (!message) {
    EXPECT_GT(read_golden(std::string(type.name)).back().version, type.max_version)
        << "no version has this field";
    return false;
  }
  if (absent.bytes) {
    EXPECT_NO_THROW(EXPECT_EQ(to_hex(type.encode(*message, absent.version)), to_hex(*absent.bytes)));
  } else {
    EXPECT_THROW(type.encode(*message, absent.version), EncodeError);
  }
  return true;
}

TEST(AbsentFields, AreLeftOutOrRefusedAsByKafka) {
  size_t cases = 0;
  for (const test::MessageType& type : test::message_types()) {
    for (const AbsentCase& absent : read_absent(std::string(type.name)))
      if (type.has(absent.version) && check_absent(type, absent)) ++cases;
  }
  EXPECT_GT(cases, 1000u);
}

}  // namespace
}  // namespace kt::wire
