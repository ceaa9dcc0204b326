#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "libbroker/base/slice.h"
#include "libbroker/base/uuid.h"

namespace kt::wire {

/// Bytes that are not a message of this version: the peer is broken, its connection ends.
struct DecodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// A value that cannot be said in this version: a field that the version lacks, or a null where none may be.
struct EncodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Both ends included; min > max: none.
struct Versions {
  int16_t min = 0, max = 32767;
  constexpr bool has(int16_t version) const { return min <= version && version <= max; }
};

/// In which versions a field exists, and may be null. Encoding a value that is not the default into a version
/// without the field is an error, unless it is ignorable.
struct Where {
  Versions in = {}, null_in = {};
  bool is_ignorable = false;

  constexpr Where ignorable() const { return {in, null_in, true}; }
  constexpr Where nullable(int16_t from, int16_t to = 32767) const { return {in, {from, to}, is_ignorable}; }
  constexpr Where not_null() const { return {in, {1, 0}, is_ignorable}; }
};
constexpr Where always() { return {}; }
constexpr Where since(int16_t version) { return {.in = {version, 32767}}; }
constexpr Where between(int16_t first, int16_t last) { return {.in = {first, last}}; }

/// A field of type `records` on its way out: bytes in memory and ranges of files, sent in order. Decoded, it
/// is one Slice. `is_null` is the wire's null.
struct Records {
  std::vector<Piece> pieces = {};
  bool is_null = false;

  static Records null() { return {.is_null = true}; }
  size_t size() const { return size_of(pieces); }
  /// The bytes of a decoded field; empty for null.
  Slice slice() const { return pieces.empty() ? Slice::empty() : std::get<Slice>(pieces.front()); }
  bool operator==(const Records&) const = default;
};

class Codec;
template <class M>
concept Message = requires(M& m, Codec& c) { m.fields(c); };

/// Visits the fields of a message in wire order at one version. Encoder, Decoder, JsonDump and MinimalSize
/// are its small subclasses; a message describes itself once, in `void fields(Codec&)`: fields in wire order,
/// then tagged fields by ascending tag (KIP-482). Its members are declared in the order of Kafka's schema,
/// which is that of its JSON.
class Codec {
 public:
  template <class T>
  Codec& field(const char* name, T& x, const Where& where = {}) {
    if (where.in.has(version_)) {
      label(name, &x);
      null_ok_ = where.null_in.has(version_);
      value(x);
    } else if (encoding_ && !where.is_ignorable && !is_default(x)) {
      refuse_absent(name);
    }
    return *this;
  }

  /// A field of the tagged section that ends every struct of a flexible version; left out when it is the
  /// default.
  template <class T>
  Codec& tagged(uint32_t tag, const char* name, T& x, const Where& where = {}) {
    if (where.in.has(version_) && flexible_) {
      if (open_tag(tag, encoding_ && is_default(x))) {
        label(name, &x);
        null_ok_ = where.null_in.has(version_);
        tagged_value(x);
        close_tag();
      }
    } else if (encoding_ && !where.is_ignorable && !is_default(x)) {
      refuse_absent(name);
    }
    return *this;
  }

  template <Message M>
  void value(M& m) {
    static const M defaults{};
    const Frame outer = std::exchange(
        frame_, {reinterpret_cast<std::byte*>(&m), reinterpret_cast<const std::byte*>(&defaults)});
    open('{');
    m.fields(*this);
    close('}');
    frame_ = outer;
  }
  template <std::integral I>
  void value(I& i) {
    if constexpr (std::same_as<I, bool>)
      i = boolean(i);
    else
      i = static_cast<I>(integer(static_cast<int64_t>(i), sizeof i));
  }
  template <class E>
    requires std::is_enum_v<E>
  void value(E& e) {
    e = static_cast<E>(integer(static_cast<int64_t>(e), sizeof e));
  }
  template <class T>
  void value(std::vector<T>& xs) {
    const int64_t count = length(static_cast<int64_t>(xs.size()));
    if (count < 0) refuse_null();
    elements(xs, static_cast<size_t>(count));
  }
  template <class T>
  void value(std::optional<std::vector<T>>& xs) {
    const bool may_be_null = null_ok_;
    const int64_t count = length(xs ? static_cast<int64_t>(xs->size()) : -1);
    if (count < 0) {
      if (!may_be_null) refuse_null();
      xs.reset();
    } else {
      if (!xs) xs.emplace();
      elements(*xs, static_cast<size_t>(count));
    }
  }
  template <Message M>
  void value(std::optional<M>& m) {
    nullable_struct(m, null_struct);
  }
  virtual void value(std::string& s) = 0;
  virtual void value(std::optional<std::string>& s) = 0;
  virtual void value(Slice& s) = 0;  // decoded as a view that shares the frame, encoded by reference: no copy
  virtual void value(Records& s) = 0;  // as Slice, and may name ranges of files
  virtual void value(Uuid& id) = 0;
  virtual void value(double& x) = 0;

  int16_t version() const { return version_; }

 protected:
  enum class Direction { in, out };
  Codec(int16_t version, bool flexible, Direction direction)
      : version_(version), flexible_(flexible), encoding_(direction == Direction::out) {}
  ~Codec() = default;

  /// Big-endian of `width` bytes; returns what was read or written.
  virtual int64_t integer(int64_t value, size_t width) = 0;
  virtual bool boolean(bool value) = 0;
  /// Array count, -1 for null; returns what was read or written, never less than -1.
  virtual int64_t length(int64_t count) = 0;
  /// Whether the nullable struct that follows is there. A byte says so: `null_marker`, or 1.
  virtual bool present(bool is_there, int8_t null_marker) = 0;
  /// Called before `count` elements are read: throws when they cannot be there, or would take too much
  /// memory.
  virtual void admit(size_t /*count*/, size_t /*wire_bytes_min*/, size_t /*memory_bytes*/) {}
  /// The field at `place` of the struct being visited comes next.
  virtual void label(const char* /*name*/, const void* /*place*/) {}
  virtual void open(char /*bracket*/) {}
  virtual void close(char /*bracket*/) {
  }  // '}' in a flexible version: the tagged section, unknown tags skipped
  /// Whether the tagged field's value comes next. `leave_out`: it is the default.
  virtual bool open_tag(uint32_t tag, bool leave_out) = 0;
  virtual void close_tag() = 0;
  /// What stands for a null struct, in line and in a tagged field.
  static constexpr int8_t null_struct = -1, null_tagged_struct = 0;
  [[noreturn]] void refuse_absent(const char* name) const;
  [[noreturn]] void refuse_null() const;

  const int16_t version_;
  const bool flexible_;
  const bool encoding_;
  bool null_ok_ = false;  // whether the value being visited may be null

 private:
  /// The struct being visited and a default one, so that a field's default is at the same place in it.
  struct Frame {
    const std::byte* actual = nullptr;
    const std::byte* defaults = nullptr;
  };

  template <class T>
  bool is_default(const T& x) const {
    const auto offset = reinterpret_cast<const std::byte*>(&x) - frame_.actual;
    return x == *reinterpret_cast<const T*>(frame_.defaults + offset);
  }
  template <class T>
  bool is_default(const std::vector<T>& xs) const {
    return xs.empty();
  }
  template <class T>
  bool is_default(const std::optional<std::vector<T>>& xs) const {
    const auto offset = reinterpret_cast<const std::byte*>(&xs) - frame_.actual;
    const auto& standard = *reinterpret_cast<const std::optional<std::vector<T>>*>(frame_.defaults + offset);
    return xs.has_value() == standard.has_value() && (!xs || xs->empty());
  }

  template <class T>
  void tagged_value(T& x) {
    value(x);
  }
  template <Message M>
  void tagged_value(std::optional<M>& m) {
    nullable_struct(m, null_tagged_struct);
  }
  template <Message M>
  void nullable_struct(std::optional<M>& m, int8_t null_marker) {
    const bool may_be_null = null_ok_;
    if (present(m.has_value(), null_marker)) {
      if (!m) m.emplace();
      value(*m);
    } else {
      if (!may_be_null) refuse_null();
      m.reset();
    }
  }
  template <class T>
  void elements(std::vector<T>& xs, size_t count) {
    if (!encoding_ && count > 0) {
      admit(count, minimal_size<T>(), sizeof(T));
      xs.reserve(count);
    }
    open('[');
    for (size_t i = 0; i < count; ++i) {
      if (i == xs.size()) xs.emplace_back();
      null_ok_ = false;
      value(xs[i]);
    }
    close(']');
  }

  template <class T>
  size_t minimal_size() const;

  Frame frame_;
};

/// The fewest bytes that a value takes on the wire at one version.
class MinimalSize final : public Codec {
 public:
  MinimalSize(int16_t version, bool flexible) : Codec(version, flexible, Direction::in) {}
  size_t bytes() const { return bytes_; }

  using Codec::value;
  void value(std::string&) override { bytes_ += flexible_ ? 1 : 2; }
  void value(std::optional<std::string>&) override { bytes_ += flexible_ ? 1 : 2; }
  void value(Slice&) override { bytes_ += flexible_ ? 1 : 4; }
  void value(Records&) override { bytes_ += flexible_ ? 1 : 4; }
  void value(Uuid&) override { bytes_ += 16; }
  void value(double&) override { bytes_ += 8; }

 private:
  int64_t integer(int64_t value, size_t width) override { return bytes_ += width, value; }
  bool boolean(bool value) override { return ++bytes_, value; }
  int64_t length(int64_t) override { return bytes_ += flexible_ ? 1 : 4, 0; }
  bool present(bool is_there, int8_t) override { return ++bytes_, is_there; }
  void close(char bracket) override { bytes_ += bracket == '}' && flexible_ ? 1 : 0; }
  bool open_tag(uint32_t, bool) override { return false; }
  void close_tag() override {}

  size_t bytes_ = 0;
};

template <class T>
size_t Codec::minimal_size() const {
  if constexpr (std::is_arithmetic_v<T>) {
    return sizeof(T);
  } else {
    MinimalSize sizer(version_, flexible_);
    T x{};
    sizer.value(x);
    return sizer.bytes();
  }
}

}  // namespace kt::wire
