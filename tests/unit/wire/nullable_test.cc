// Null is taken where Kafka takes it, at every version, and nowhere else.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "libbroker/wire/all_messages.h"
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

template <class M>
bool takes_null(int16_t version, const std::string& path) {
  M message;
  NullAt reader(version, version >= M::first_flexible, path);
  try {
    reader.value(message);
  } catch (const DecodeError&) {
    return false;
  }
  return reader.was_read();
}

size_t nullable_fields = 0;

struct SameNulls {
  template <class M>
  void operator()() const {
    const auto nullable = read_nullable(M::type_name);
    for (int16_t version = M::min_version; version <= M::max_version; ++version) {
      SCOPED_TRACE(std::string(M::type_name) + " v" + std::to_string(version));
      M message;
      Paths paths(version, version >= M::first_flexible);
      paths.value(message);
      std::set<std::string> taken;
      for (const std::string& path : paths.found()) {
        if (takes_null<M>(version, path)) taken.insert(path);
      }
      EXPECT_EQ(taken, nullable.at(version));
      nullable_fields += taken.size();
    }
  }
};

TEST(Nullable, FieldsAreThoseOfKafka) {
  visit_messages(SameNulls{});
  EXPECT_GT(nullable_fields, 300u);
}

}  // namespace
}  // namespace kt::wire
