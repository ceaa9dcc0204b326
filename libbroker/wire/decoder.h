#pragma once
#include <array>

#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Reads messages one after the other from bytes that may be hostile. Throws DecodeError; never reads past
/// the end, never allocates from a count it has not checked against the bytes left, and never lets decoded
/// values take more than its budget (record bytes are views and do not count).
class Decoder final : public Codec {
 public:
  Decoder(Slice bytes, int16_t version, bool flexible)
      : Codec(version, flexible, Direction::in),
        bytes_(std::move(bytes)),
        memory_left_(budget_for(bytes_.size())) {}

  /// How many bytes have been read; what follows belongs to nobody, or to the next message.
  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  /// What has not been read.
  Slice rest() const { return bytes_.sub(position_); }
  uint32_t unsigned_varint();
  /// Passes over a whole tagged section that stands outside a message (headers).
  void skip_tags();
  /// A value outside a message that may be null.
  void nullable(std::optional<std::string>& s) { null_ok_ = true, value(s); }

  /// Memory that decoding a frame may take: min(256 KiB + 16 x frame, 64 MiB).
  static size_t budget_for(size_t frame_bytes);

  using Codec::value;
  void value(std::string& s) override;
  void value(std::optional<std::string>& s) override;
  void value(Slice& s) override;
  void value(Records& s) override;
  void value(Uuid& id) override;
  void value(double& x) override;

 private:
  static constexpr size_t depth_max = 16;  // structs within structs; Kafka's deepest message has 5

  /// The tagged section of one struct as far as it has been read.
  struct Tags {
    bool begun = false;
    uint32_t left = 0;     // fields not yet looked at, the pending one included
    bool pending = false;  // `next`, `next_end` hold a field's tag and end
    uint32_t next = 0;
    size_t next_end = 0;
    int64_t last = -1;  // tags strictly ascend
  };

  int64_t integer(int64_t value, size_t width) override;
  bool boolean(bool value) override;
  int64_t length(int64_t count) override;
  bool present(bool is_there, int8_t null_marker) override;
  void admit(size_t count, size_t wire_bytes_min, size_t memory_bytes) override;
  void open(char bracket) override;
  void close(char bracket) override;
  bool open_tag(uint32_t tag, bool leave_out) override;
  void close_tag() override;

  const std::byte* need(size_t count);
  /// The next tagged field's header is read; false: there is none.
  bool peek_tag(Tags& tags);
  void skip_tag(Tags& tags);
  int64_t text_length();
  int64_t bytes_length();
  void charge(size_t memory_bytes);

  const Slice bytes_;
  size_t position_ = 0;
  size_t memory_left_;
  size_t depth_ = 0;
  std::array<Tags, depth_max> tags_;
};

template <Message M>
M decode(const Slice& body, int16_t version) {
  M message;
  Decoder(body, version, version >= M::first_flexible).value(message);
  return message;
}

}  // namespace kt::wire
