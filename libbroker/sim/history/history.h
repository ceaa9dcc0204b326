#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "libbroker/sim/history/op.h"

namespace kt::sim {

/// A run as its clients saw it: every operation once, in the order of completion, packed so that ten million
/// fit in a few GB. Operations that never completed end as info.
class History {
 public:
  struct Row {
    uint64_t index = 0;  // of the completion, or of the invocation that had none
    int64_t invoked_ns = 0, completed_ns = 0;
    int32_t process = 0;
    OpType type = OpType::info;
    OpKind kind = OpKind::poll;
    ErrorCode error = ErrorCode::none;
    uint32_t first_mop = 0, mops = 0;
    uint32_t first_key = 0, keys = 0, rebalanced = 0;  // rebalanced ones follow the keys
  };
  struct PackedMop {
    MopKind kind = MopKind::poll;
    Key key = 0;
    Read record = {};
    uint32_t record_key_or_group = 0;
    uint32_t first_part = 0, parts = 0;
  };
  struct Part {
    Key key = 0;
    uint32_t first_read = 0, reads = 0;
  };

  void add(Op op);
  /// After the last add().
  void finish();

  std::span<const Row> rows() const { return rows_; }
  std::span<const PackedMop> mops(const Row& row) const {
    return std::span(mops_).subspan(row.first_mop, row.mops);
  }
  std::span<const Part> parts(const PackedMop& mop) const {
    return std::span(parts_).subspan(mop.first_part, mop.parts);
  }
  std::span<const Read> reads(const Part& part) const {
    return std::span(reads_).subspan(part.first_read, part.reads);
  }
  std::span<const Key> keys(const Row& row) const {
    return std::span(keys_).subspan(row.first_key, row.keys);
  }
  std::span<const Key> rebalanced(const Row& row) const {
    return std::span(keys_).subspan(row.first_key + row.keys, row.rebalanced);
  }

  /// Calls visit(mop) for each send of the row.
  template <class Visit>
  void for_each_send(const Row& row, const Visit& visit) const {
    for (const PackedMop& mop : mops(row)) {
      if (mop.kind == MopKind::send) visit(mop);
    }
  }
  /// Calls visit(key, reads) for each key of each poll of the row, in order.
  template <class Visit>
  void for_each_poll(const Row& row, const Visit& visit) const {
    for (const PackedMop& mop : mops(row)) {
      if (mop.kind != MopKind::poll) continue;
      for (const Part& part : parts(mop)) visit(part.key, reads(part));
    }
  }
  /// One more than the highest key of all.
  Key key_count() const { return key_count_; }

 private:
  void pack(const Op& op, int64_t invoked_ns);
  void pack_mop(const Mop& mop);
  void pack_as_info(Op& op);
  void note_key(Key key);

  std::map<int32_t, Op> invoked_;  // by process: what has not completed
  std::vector<Row> rows_;
  std::vector<PackedMop> mops_;
  std::vector<Part> parts_;
  std::vector<Read> reads_;
  std::vector<Key> keys_;
  Key key_count_ = 0;
};

}  // namespace kt::sim
