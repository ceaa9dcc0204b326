#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kt {

class Rng;

/// Kafka's uuid: 16 bytes, most significant half first. Zero is "none". Text is base64url without padding.
struct Uuid {
  uint64_t high = 0, low = 0;
  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return high == 0 && low == 0; }

  /// 22 characters, as Kafka prints it.
  std::string text() const;
  /// From 22 characters; none for anything else.
  static std::optional<Uuid> parse(std::string_view text);
  /// A version 4 uuid whose text does not start with '-', so that it can stand on a command line (KIP-516).
  static Uuid random(Rng& rng);
  /// 8-4-4-4-12 hex digits, as Java's UUID prints.
  std::string hex() const;
};

}  // namespace kt

template <>
struct std::hash<kt::Uuid> {
  size_t operator()(const kt::Uuid& id) const noexcept { return id.high * 0x9E3779B97F4A7C15u ^ id.low; }
};
