// Null is taken where Kafka takes it, at every version, and nowhere else.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/support/messages.h"
#include "tests/unit/wire/golden.h"
#include "tests/unit/wire/path_codec.h"

namespace kt::wire {
namespace {

/// Every path of a message.
class Paths final : public PathCodec {
 public:
  Paths(int16_t version, bool flexible) : PathCodec(version, flexible, "") {}
  const std::set<std::string>& found() const { return found_; }

 private:
  void visit() override { found_.insert(current()); }
  int64_t length(int64_t) override { return 1; }
  bool present(bool, int8_t) override { return true; }
  std::set<std::string> found_;
};

/// Reads a null at one path, as the decoder does. Throws DecodeError where none may be.
class NullAt final : public PathCodec {
 public:
  using PathCodec::PathCodec;
  bool was_read() const { return was_read_; }

  using Codec::value;
  void value(std::optional<std::string>& s) override { read_null(s); }
  void value(Slice& s) override { read_null(s); }
  void value(Records& s) override { read_null(s); }

 private:
  template <class T>
  void read_null(T&) {
    if (!is_target()) return;
    if (!null_ok_) refuse_null();
    was_read_ = true;
  }
  int64_t length(int64_t count) override {
    if (!is_target()) return PathCodec::length(count);
    was_read_ = true;
    return -1;
  }
  bool present(bool is_there, int8_t marker) override {
    if (!is_target()) return PathCodec::present(is_there, marker);
    was_read_ = true;
    return false;
  }
  bool was_read_ = false;
};

bool takes_null(const test::MessageType& type, int16_t version, const std::string& path) {
  NullAt reader(version, type.is_flexible(version), path);
  try {
    type.make()->visit(reader);
  } catch (const DecodeError&) {
    return false;
  }
  return reader.was_read();
}

TEST(Nullable, FieldsAreThoseOfKafka) {
  size_t nullable_fields = 0;
  for (const test::MessageType& type : test::message_types()) {
    const auto nullable = read_nullable(std::string(type.name));
    for (int16_t version = type.min_version; version <= type.max_version; ++version) {
      SCOPED_TRACE(type.at(version));
      Paths paths(version, type.is_flexible(version));
      type.make()->visit(paths);
      std::set<std::string> taken;
      for (const std::string& path : paths.found())
        if (takes_null(type, version, path)) taken.insert(path);
      EXPECT_EQ(taken, nullable.at(version));
      nullable_fields += taken.size();
    }
  }
  EXPECT_GT(nullable_fields, 300u);
}

}  // namespace
}  // namespace kt::wire
