#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "libbroker/base/rng.h"
#include "libbroker/sim/history/recorder.h"
#include "tests/unit/sim/history/story.h"

// The checker's own net: one change to a good history, wherever it can be seen, must be found every time.

namespace kt::sim {
namespace {

constexpr Key keys = 2;
constexpr uint64_t seeds = 300;

/// Three producers send to two keys with gaps in the offsets; then three consumers read everything, a few at
/// a time.
std::vector<Op> good_ops(Rng& rng) {
  std::vector<Op> ops;
  std::vector<Read> logs[keys];
  int64_t offsets[keys] = {};
  const auto add = [&](int32_t process, OpKind kind, Mop mop) {
    ops.push_back({.process = process, .type = OpType::ok, .kind = kind, .mops = {std::move(mop)}});
  };
  for (Value value = 0; value < 40; ++value) {
    const Key key = static_cast<Key>(rng.below(keys));
    offsets[key] += 1 + static_cast<int64_t>(rng.below(2));
    logs[key].push_back({offsets[key], value});
    add(static_cast<int32_t>(rng.below(3)), OpKind::send, send(key, value, offsets[key]));
  }
  for (int32_t process = 3; process < 6; ++process) {
    for (Key key = 0; key < keys; ++key) {
      for (size_t i = 0; i < logs[key].size();) {
        const size_t count = std::min<size_t>(1 + rng.below(4), logs[key].size() - i);
        add(process, OpKind::poll, poll(key, {logs[key].begin() + i, logs[key].begin() + i + count}));
        i += count;
      }
    }
  }
  return ops;
}

Report report_of(const std::vector<Op>& ops) {
  Recorder recorder;
  for (const Op& op : ops) recorder.add(op);
  return check(recorder.take());
}

std::vector<Read>& reads_of(Op& op) { return op.mops[0].polled[0].reads; }

/// Some operation of a kind; of polls, one with at least so many reads.
Op& some(std::vector<Op>& ops, OpKind kind, Rng& rng, size_t reads_min = 1) {
  std::vector<Op*> all;
  for (Op& op : ops) {
    if (op.kind == kind && (kind != OpKind::poll || reads_of(op).size() >= reads_min)) all.push_back(&op);
  }
  return *all.at(rng.below(all.size()));
}

struct Change {
  std::string name;
  std::function<void(std::vector<Op>&, Rng&)> make;
};

void PrintTo(const Change& change, std::ostream* out) { *out << change.name; }

class MutatedHistory : public testing::TestWithParam<Change> {};

TEST_P(MutatedHistory, IsFound) {
  for (uint64_t seed = 0; seed < seeds; ++seed) {
    SeededRng rng(seed);
    std::vector<Op> ops = good_ops(rng);
    ASSERT_EQ(report_of(ops).text(), "") << "seed " << seed;
    GetParam().make(ops, rng);
    EXPECT_FALSE(report_of(ops).is_valid()) << "seed " << seed;
  }
}

const Change changes[] = {
    {"a_read_left_out_before_another",
     [](std::vector<Op>& ops, Rng& rng) {
       auto& reads = reads_of(some(ops, OpKind::poll, rng, 3));
       reads.erase(reads.begin() + 1);
     }},
    {"a_read_repeated",
     [](std::vector<Op>& ops, Rng& rng) {
       auto& reads = reads_of(some(ops, OpKind::poll, rng));
       reads.push_back(reads.back());
     }},
    {"two_reads_swapped",
     [](std::vector<Op>& ops, Rng& rng) {
       auto& reads = reads_of(some(ops, OpKind::poll, rng, 2));
       std::swap(reads[0], reads[1]);
     }},
    {"a_poll_done_twice",
     [](std::vector<Op>& ops, Rng& rng) {
       const Op twice = some(ops, OpKind::poll, rng);
       ops.push_back(twice);
     }},
    {"another_value_read",
     [](std::vector<Op>& ops, Rng& rng) {
       auto& reads = reads_of(some(ops, OpKind::poll, rng));
       reads[0].value = (reads[0].value + 1) % 40;
     }},
    {"a_value_read_that_nobody_sent",
     [](std::vector<Op>& ops, Rng& rng) { reads_of(some(ops, OpKind::poll, rng))[0].value = 1'000; }},
    {"another_offset_read",
     [](std::vector<Op>& ops, Rng& rng) { reads_of(some(ops, OpKind::poll, rng))[0].offset += 1; }},
    {"another_offset_acknowledged",
     [](std::vector<Op>& ops, Rng& rng) { some(ops, OpKind::send, rng).mops[0].offset -= 1; }},
    {"a_failed_send_visible",
     [](std::vector<Op>& ops, Rng& rng) { some(ops, OpKind::send, rng).type = OpType::fail; }},
    {"a_send_nobody_reads",
     [](std::vector<Op>& ops, Rng& rng) {
       const Mop lost = some(ops, OpKind::send, rng).mops[0];
       for (Op& op : ops) {
         if (op.kind == OpKind::poll) std::erase(reads_of(op), Read{lost.offset, lost.value});
       }
     }},
};

INSTANTIATE_TEST_SUITE_P(Changes, MutatedHistory, testing::ValuesIn(changes),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace kt::sim
