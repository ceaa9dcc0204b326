#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace kt::fault {

/// What the first bytes of a frame say of it.
struct FrameHead {
  int16_t api = -1;  // the API's key; -1: not known. An answer's is its request's, as told by whoever asked
  int32_t correlation_id = -1;
  std::string client;  // client.id
};

/// Finds out where frames begin in bytes that pass by, in one direction of a connection.
class FrameCutter {
 public:
  enum class Carries : uint8_t { requests, answers };
  explicit FrameCutter(Carries carries) : carries_(carries) {}

  /// How many of the first of `bytes` belong together, and the head that they complete. Never 0 of some.
  struct Cut {
    size_t bytes = 0;
    std::optional<FrameHead> head;
  };
  Cut next(std::span<const std::byte> bytes);
  /// Passes over so many bytes of the frame under way.
  void skip(uint64_t count);

  /// A frame has begun, and what it is cannot be said yet.
  bool is_in_head() const { return !head_.empty(); }
  /// Bytes of the frame under way that are still to come; of what are no frames, more than will.
  uint64_t left() const { return left_; }

 private:
  /// How long a head is, as far as can be said.
  size_t head_bytes_needed() const;

  const Carries carries_;
  std::vector<std::byte> head_;
  uint64_t left_ = 0;
};

}  // namespace kt::fault
