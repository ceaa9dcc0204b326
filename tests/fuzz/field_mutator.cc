#include "tests/fuzz/field_mutator.h"

#include <array>
#include <bit>
#include <limits>
#include <string>

namespace kt::fuzz {

int64_t FieldMutator::integer(int64_t value, size_t width) {
  if (!is_turn()) return value;
  const int64_t largest = std::numeric_limits<int64_t>::max() >> (64 - 8 * width);
  const std::array<int64_t, 8> choices = {0,
                                          -1,
                                          1,
                                          largest,
                                          -largest - 1,
                                          value + (value < largest ? 1 : 0),
                                          value - (value > -largest ? 1 : 0),
                                          static_cast<int64_t>(rng_.next()) & largest};
  return choices[rng_.below(choices.size())];
}

std::string FieldMutator::some_text(std::string text) {
  switch (rng_.below(6)) {
    case 0:
      return "";
    case 1:
      return text + static_cast<char>(rng_.next());
    case 2:
      return text.substr(0, text.size() / 2);
    case 3:
      return std::string(1 + rng_.below(300), 'x');
    case 4:
      return std::string(1, '\0') + "\"\\\n\x7f\xff" + text;
    default:
      return text + text.substr(0, 100);
  }
}

void FieldMutator::value(std::string& s) {
  if (is_turn()) s = some_text(std::move(s));
}

void FieldMutator::value(std::optional<std::string>& s) {
  if (!is_turn()) return;
  if (s && null_ok_ && rng_.below(3) == 0)
    s.reset();
  else
    s = some_text(s.value_or(""));
}

Slice FieldMutator::some_bytes(const Slice& bytes) {
  const bool may_be_null = null_ok_;
  if (!bytes.is_null() && may_be_null && rng_.below(3) == 0) return {};
  return Slice::copy(some_text(std::string(bytes.text())));
}

void FieldMutator::value(Slice& s) {
  if (is_turn()) s = some_bytes(s);
}

void FieldMutator::value(wire::Records& records) {
  if (!is_turn()) return;
  const Slice bytes = some_bytes(records.is_null ? Slice{} : records.slice());
  records = bytes.is_null() ? wire::Records::null() : wire::Records{.pieces = {bytes}};
}

void FieldMutator::value(Uuid& id) {
  if (is_turn()) id = rng_.below(2) == 0 ? Uuid{} : Uuid{rng_.next(), rng_.next()};
}

void FieldMutator::value(double& x) {
  if (!is_turn()) return;
  const std::array<double, 5> choices = {0, -0.5, 1e300, std::numeric_limits<double>::infinity(),
                                         std::bit_cast<double>(rng_.next())};
  x = choices[rng_.below(choices.size())];
}

int64_t FieldMutator::length(int64_t count) {
  if (!is_turn()) return count;
  return count < 0 || !null_ok_ || rng_.below(3) > 0 ? count + 1 : -1;
}

bool FieldMutator::present(bool is_there, int8_t) {
  if (!is_turn()) return is_there;
  return !is_there || !null_ok_;
}

}  // namespace kt::fuzz
