#pragma once
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <string_view>

namespace kt::record {

/// One header of a record. A value with data() == nullptr is null.
struct Header {
  std::string_view key;
  std::span<const std::byte> value;
};

/// The headers of a record: a range that reads them as it is walked. Made by parse_record, which has checked
/// them.
class Headers {
 public:
  class Iterator {
   public:
    using value_type = Header;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const std::byte* at, const std::byte* end) : next_(at), end_(end) { ++*this; }
    const Header& operator*() const { return header_; }
    const Header* operator->() const { return &header_; }
    Iterator& operator++();
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    const std::byte* next_ = nullptr;
    const std::byte* end_ = nullptr;
    bool done_ = false;
    Header header_ = {};
  };

  Headers() = default;
  Headers(int32_t count, std::span<const std::byte> bytes) : count_(count), bytes_(bytes) {}
  int32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// The headers as they lie in the record, without their count.
  std::span<const std::byte> bytes() const { return bytes_; }
  Iterator begin() const { return {bytes_.data(), bytes_.data() + bytes_.size()}; }
  std::default_sentinel_t end() const { return {}; }

 private:
  int32_t count_ = 0;
  std::span<const std::byte> bytes_ = {};
};

/// One record, as spans of its batch's bytes. A key or value with data() == nullptr is null; an empty one is
/// not.
struct RecordView {
  int64_t timestamp_delta = 0;  // from the batch's base timestamp
  int32_t offset_delta = 0;     // from the batch's base offset
  std::span<const std::byte> key = {};
  std::span<const std::byte> value = {};
  Headers headers = {};
};

/// What the leader has to know of records that it does not keep: enough, unless something is wrong with one.
struct RecordSummary {
  int64_t timestamp_delta_min = std::numeric_limits<int64_t>::max();
  int64_t timestamp_delta_max = std::numeric_limits<int64_t>::min();
  bool has_key_everywhere = true;
};

/// Reads one record from `body`, the bytes after its length, all of which must be used up. False when it is
/// malformed.
bool parse_record(std::span<const std::byte> body, RecordView& record);

/// Walks uncompressed records; strict about lengths, varints and bytes left over. Nothing is allocated.
///
///     RecordReader reader = batch.records();
///     for (RecordView record; reader.next(record);) use(record);
///     if (reader.fault()) ...
class RecordReader {
 public:
  RecordReader(std::span<const std::byte> bytes, int32_t count)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), left_(count) {}
  /// The next record; false at the end, and at the first fault.
  bool next(RecordView& record);
  /// Walks all that is left, as strict as next(), with less work for the usual record. False at a fault.
  bool summarize(RecordSummary& summary);
  /// Why the walk stopped before `count` records used up all bytes; nullptr if it did not.
  const char* fault() const { return fault_; }

 private:
  bool stop(const char* fault);
  const std::byte* at_;
  const std::byte* end_;
  int32_t left_;
  const char* fault_ = nullptr;
};

}  // namespace kt::record
