#pragma once
#include <cstdint>

#include "libbroker/base/rng.h"
#include "libbroker/wire/codec.h"

namespace kt::fuzz {

/// Visits a message and changes the one value whose turn it is: a number, a text, a null, one element more.
/// Which change is chance's.
class FieldMutator final : public wire::Codec {
 public:
  static constexpr uint64_t none = UINT64_MAX;

  FieldMutator(int16_t version, bool flexible, Rng& rng, uint64_t turn)
      : Codec(version, flexible, Direction::in), rng_(rng), turn_(turn) {}
  /// How many values there were.
  uint64_t seen() const { return seen_; }

  using Codec::value;
  void value(std::string& s) override;
  void value(std::optional<std::string>& s) override;
  void value(Slice& s) override;
  void value(wire::Records& s) override;
  void value(Uuid& id) override;
  void value(double& x) override;

 private:
  bool is_turn() { return seen_++ == turn_; }
  std::string some_text(std::string text);
  Slice some_bytes(const Slice& bytes);

  int64_t integer(int64_t value, size_t width) override;
  bool boolean(bool value) override { return is_turn() ? !value : value; }
  int64_t length(int64_t count) override;
  bool present(bool is_there, int8_t null_marker) override;
  bool open_tag(uint32_t, bool) override { return true; }
  void close_tag() override {}

  Rng& rng_;
  const uint64_t turn_;
  uint64_t seen_ = 0;
};

}  // namespace kt::fuzz
