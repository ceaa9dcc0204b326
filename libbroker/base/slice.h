#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace kt {

/// Bytes kept alive by whoever still holds them: a received frame, a log's in-memory tail.
/// data() == nullptr is the wire's null; an empty value has a non-null data().
struct Slice {
  std::span<const std::byte> bytes = {};
  std::shared_ptr<const void> owner = {};

  bool is_null() const { return bytes.data() == nullptr; }
  size_t size() const { return bytes.size(); }
  const std::byte* data() const { return bytes.data(); }
  std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  /// The same owner's bytes [offset, offset + count), clamped to what there is.
  Slice sub(size_t offset, size_t count = SIZE_MAX) const {
    offset = std::min(offset, bytes.size());
    return {bytes.subspan(offset, std::min(count, bytes.size() - offset)), owner};
  }
  /// Same null-ness and same bytes, whoever owns them.
  friend bool operator==(const Slice& a, const Slice& b) {
    return a.is_null() == b.is_null() && a.size() == b.size() &&
           (a.size() == 0 || std::memcmp(a.data(), b.data(), a.size()) == 0);
  }

  static Slice empty() {
    static constexpr std::byte nothing{};
    return {{&nothing, 0}, nullptr};
  }
  /// A slice that owns its bytes.
  static Slice own(std::vector<std::byte> bytes) {
    if (bytes.empty()) return empty();
    auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    return {{owner->data(), owner->size()}, owner};
  }
  static Slice copy(std::span<const std::byte> bytes) {
    if (bytes.empty()) return empty();
    auto owner = std::make_shared_for_overwrite<std::byte[]>(bytes.size());
    std::memcpy(owner.get(), bytes.data(), bytes.size());
    return {{owner.get(), bytes.size()}, owner};
  }
  static Slice copy(std::string_view text) { return copy(std::as_bytes(std::span(text))); }
  /// Borrows: the caller keeps `bytes` alive for as long as the slice lives.
  static Slice view(std::span<const std::byte> bytes) { return bytes.data() ? Slice{bytes, nullptr} : empty(); }
  static Slice view(std::string_view text) { return view(std::as_bytes(std::span(text))); }
};

/// A range of a segment file, which the transport may send without copying. `file` is an open descriptor.
struct FileRange {
  std::shared_ptr<const int> file;
  uint64_t position = 0;
  uint32_t bytes = 0;
  bool operator==(const FileRange&) const = default;
};

/// A part of an answer: bytes in memory, or bytes in a file.
using Piece = std::variant<Slice, FileRange>;

inline size_t size_of(const Piece& piece) {
  if (const auto* slice = std::get_if<Slice>(&piece)) return slice->size();
  return std::get<FileRange>(piece).bytes;
}
inline size_t size_of(const std::vector<Piece>& pieces) {
  size_t total = 0;
  for (const Piece& piece : pieces) total += size_of(piece);
  return total;
}

}  // namespace kt
