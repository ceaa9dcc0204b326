#pragma once
#include <ostream>
#include <utility>
#include <vector>

#include "libbroker/sim/history/checker.h"
#include "libbroker/sim/history/history.h"

namespace kt::sim {

inline constexpr Key x = 0, y = 1;

/// As GoogleTest shows it.
inline void PrintTo(const Case& found, std::ostream* out) { *out << found.text(); }

inline Mop send(Key key, Value value, int64_t offset = no_offset) {
  return {.kind = MopKind::send, .key = key, .offset = offset, .value = value};
}
inline Mop keyed_send(Key key, uint32_t record_key, Value value, int64_t offset) {
  return {.kind = MopKind::send, .key = key, .offset = offset, .value = value, .record_key = record_key};
}
inline Mop poll(Key key, std::vector<Read> reads) { return {.polled = {{key, std::move(reads)}}}; }
inline Mop scan(Key key, std::vector<Read> reads) {
  return {.kind = MopKind::scan, .polled = {{key, std::move(reads)}}};
}
inline Mop commit(Key key, int64_t offset) { return {.kind = MopKind::commit, .key = key, .offset = offset}; }
inline Mop committed(Key key, int64_t offset) {
  return {.kind = MopKind::committed, .key = key, .offset = offset};
}

/// A history told op by op. Each op takes two ticks, for its beginning and its end; its index is that of its
/// end.
class Story {
 public:
  /// Begins and ends an operation; returns its index.
  uint64_t tell(int32_t process, OpType type, std::vector<Mop> mops, std::vector<Key> rebalanced = {}) {
    begin(process, OpKind::txn);
    return end(process, type, OpKind::txn, std::move(mops), {}, std::move(rebalanced));
  }
  uint64_t ok(int32_t process, std::vector<Mop> mops) { return tell(process, OpType::ok, std::move(mops)); }
  uint64_t info(int32_t process, std::vector<Mop> mops) {
    return tell(process, OpType::info, std::move(mops));
  }
  uint64_t failed(int32_t process, std::vector<Mop> mops) {
    return tell(process, OpType::fail, std::move(mops));
  }
  void assign(int32_t process, std::vector<Key> keys, OpKind kind = OpKind::assign,
              OpType type = OpType::ok) {
    begin(process, kind);
    end(process, type, kind, {}, std::move(keys), {});
  }
  void begin(int32_t process, OpKind kind) {
    add({.process = process, .type = OpType::invoke, .kind = kind});
  }
  uint64_t end(int32_t process, OpType type, OpKind kind, std::vector<Mop> mops, std::vector<Key> keys = {},
               std::vector<Key> rebalanced = {}) {
    return add({.process = process,
                .type = type,
                .kind = kind,
                .mops = std::move(mops),
                .keys = std::move(keys),
                .rebalanced = std::move(rebalanced)});
  }

  /// The cases of one anomaly.
  std::vector<Case> cases(Anomaly anomaly, const Promises& promises = {.is_polled_to_end = false}) const {
    return report(promises).cases(anomaly);
  }
  Report report(const Promises& promises = {.is_polled_to_end = false}) const {
    History whole = history_;
    whole.finish();
    return check(whole, promises);
  }

 private:
  uint64_t add(Op op) {
    op.index = next_;
    op.time_ns = static_cast<int64_t>(next_);
    history_.add(std::move(op));
    return next_++;
  }
  History history_;
  uint64_t next_ = 0;
};

}  // namespace kt::sim
