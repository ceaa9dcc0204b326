#pragma once
#include <cstdint>
#include <vector>

#include "libbroker/base/error_code.h"

namespace kt::sim {

using Key = uint32_t;   // stands for one topic-partition
using Value = int64_t;  // what a record carries; sent once per key
inline constexpr int64_t no_offset = -1;
inline constexpr Key keys_max = 1 << 20;  // tables are indexed by key

/// A record as somebody saw it. The offset may be unknown.
struct Read {
  int64_t offset = no_offset;
  Value value = 0;
  auto operator<=>(const Read&) const = default;
};

/// What one poll returned of one key, in the order it did.
struct Polled {
  Key key = 0;
  std::vector<Read> reads;
  bool operator==(const Polled&) const = default;
};

enum class MopKind : uint8_t {
  send,       // key, value, record_key; offset once acknowledged
  poll,       // polled
  commit,     // group, key, offset: asks for the group's position to be there
  committed,  // group, key, offset: what the group's position was found to be, or no_offset
  scan,       // polled: all that a key held at the end, from its first offset to its last
};

/// A micro-operation: one step of an operation.
struct Mop {
  MopKind kind = MopKind::poll;
  Key key = 0;
  int64_t offset = no_offset;
  Value value = 0;
  uint32_t record_key = 0;  // of the record itself, for compacted topics
  uint32_t group = 0;
  std::vector<Polled> polled = {};
  bool operator==(const Mop&) const = default;
};

/// How an operation stands. Fail: it certainly had no effect. Info: nobody knows, and its process ends.
enum class OpType : uint8_t { invoke, ok, fail, info };
enum class OpKind : uint8_t { send, poll, txn, assign, subscribe, crash, commit, debug };

/// An operation's beginning or end, as its process saw it.
struct Op {
  uint64_t index = 0;
  int64_t time_ns = 0;
  int32_t process = 0;
  OpType type = OpType::invoke;
  OpKind kind = OpKind::poll;
  std::vector<Mop> mops = {};
  std::vector<Key> keys = {};        // of assign and subscribe
  std::vector<Key> rebalanced = {};  // keys that came or went while it ran
  ErrorCode error = ErrorCode::none;
  bool operator==(const Op&) const = default;
};

}  // namespace kt::sim
