#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Visits a message and knows where it is: "topics/partitions/index". Subclasses change what lies at one
/// path; the arrays on the way there get one element, and the nullable structs are there. Nothing else is
/// changed.
class PathCodec : public Codec {
 public:
  PathCodec(int16_t version, bool flexible, std::string path)
      : Codec(version, flexible, Direction::in), path_(std::move(path)) {}

  using Codec::value;
  void value(std::string&) override {}
  void value(std::optional<std::string>&) override {}
  void value(Slice&) override {}
  void value(Records&) override {}
  void value(Uuid&) override {}
  void value(double&) override {}

 protected:
  ~PathCodec() = default;
  const std::string& current() const { return current_; }
  bool is_target() const { return current_ == path_; }
  bool is_on_the_way() const { return path_.starts_with(current_ + "/"); }
  /// Called for every field before its value.
  virtual void visit() {}

  int64_t integer(int64_t value, size_t) override { return value; }
  bool boolean(bool value) override { return value; }
  int64_t length(int64_t count) override { return is_on_the_way() ? 1 : count; }
  bool present(bool is_there, int8_t) override { return is_on_the_way() || is_there; }
  bool open_tag(uint32_t, bool) override { return true; }
  void close_tag() override {}
  void label(const char* name, const void*) override {
    current_ = prefixes_.back() + name;
    visit();
  }
  void open(char bracket) override {
    if (bracket == '{') prefixes_.push_back(prefixes_.empty() ? "" : current_ + "/");
  }
  void close(char bracket) override {
    if (bracket == '}') prefixes_.pop_back();
  }

 private:
  const std::string path_;
  std::string current_;
  std::vector<std::string> prefixes_;  // of the structs being visited, innermost last
};

}  // namespace kt::wire
