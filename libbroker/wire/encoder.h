#pragma once
#include <vector>

#include "libbroker/wire/codec.h"

namespace kt::wire {

/// Writes messages one after the other. Short values are copied into one buffer, record bytes are referred
/// to.
class Encoder final : public Codec {
 public:
  Encoder(int16_t version, bool flexible) : Codec(version, flexible, Direction::out) {
    out_.reserve(reserve_bytes);
  }

  /// What was written, in order; the encoder is empty afterwards.
  std::vector<Piece> take();
  /// What was written as one run of bytes; for messages without ranges of files.
  std::vector<std::byte> take_bytes();

  /// Bytes that no field describes: frame sizes, record framing.
  void raw(std::span<const std::byte> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void unsigned_varint(uint32_t n);
  /// The start of a request's header, and its client id: int16 length whatever the version.
  void request_header(int16_t api_key, int16_t api_version, int32_t correlation_id,
                      std::string_view client_id);

  using Codec::value;
  void value(std::string& s) override;
  void value(std::optional<std::string>& s) override;
  void value(Slice& s) override;
  void value(Records& s) override;
  void value(Uuid& id) override;
  void value(double& x) override;

 private:
  static constexpr size_t reserve_bytes = 256;
  static constexpr size_t copy_bytes_max = 512;  // longer slices are referred to

  struct Reference {
    size_t at;  // offset in out_ before which the piece stands
    Piece piece;
  };
  struct Tag {
    uint32_t tag;
    std::vector<std::byte> bytes;
  };

  int64_t integer(int64_t value, size_t width) override;
  bool boolean(bool value) override;
  int64_t length(int64_t count) override;
  bool present(bool is_there, int8_t null_marker) override;
  void open(char bracket) override;
  void close(char bracket) override;
  bool open_tag(uint32_t tag, bool leave_out) override;
  void close_tag() override;
  void text(std::string_view s);
  void no_text();
  void bytes_length(int64_t count);  // -1: null
  void refer(Piece piece);

  std::vector<std::byte> out_;
  std::vector<Reference> references_;
  std::vector<Tag> tags_;                      // of the structs being written, innermost last
  std::vector<size_t> struct_starts_;          // where each open struct's tags begin in tags_
  std::vector<std::vector<std::byte>> outer_;  // what stands before the tagged values being written
};

/// The message's body. Const in spirit: fields() is shared with the decoder and so takes it mutable.
template <Message M>
std::vector<Piece> encode(const M& message, int16_t version) {
  Encoder encoder(version, version >= M::first_flexible);
  encoder.value(const_cast<M&>(message));
  return encoder.take();
}
template <Message M>
std::vector<std::byte> encode_bytes(const M& message, int16_t version) {
  Encoder encoder(version, version >= M::first_flexible);
  encoder.value(const_cast<M&>(message));
  return encoder.take_bytes();
}

}  // namespace kt::wire
