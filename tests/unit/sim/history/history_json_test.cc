#include "libbroker/sim/history/history_json.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/sim/history/story.h"

namespace kt::sim {
namespace {

TEST(HistoryJson, WritesTheAgreedLines) {
  Op op{.index = 7, .time_ns = 12, .process = 3, .type = OpType::invoke, .kind = OpKind::txn};
  op.mops = {send(x, 41), Mop{}};
  EXPECT_EQ(to_json(op), R"({"i":7,"t":12,"p":3,"type":"invoke","f":"txn","v":[["send",0,41],["poll"]]})");
  op.type = OpType::info;
  op.mops = {send(x, 41, 5), send(y, 42), poll(y, {{3, 40}, {no_offset, 39}})};
  op.error = ErrorCode::request_timed_out;
  op.rebalanced = {y};
  EXPECT_EQ(to_json(op),
            R"({"i":7,"t":12,"p":3,"type":"info","f":"txn","v":[["send",0,[5,41]],["send",1,[null,42]],)"
            R"(["poll",{"1":[[3,40],[null,39]]}]],"err":7,"rebalance":[1]})");
}

TEST(HistoryJson, ReadsWhatItWrote) {
  std::vector<Op> ops(4);
  ops[0] = {
      .index = 1, .time_ns = 2, .process = 3, .type = OpType::ok, .kind = OpKind::subscribe, .keys = {x, y}};
  ops[1] = {.index = 2, .type = OpType::fail, .kind = OpKind::commit, .error = ErrorCode::illegal_generation};
  ops[1].mops = {commit(y, 4), committed(x, no_offset)};
  ops[1].mops[0].group = 9;
  ops[2] = {.type = OpType::ok, .kind = OpKind::debug, .mops = {scan(x, {{0, 1}, {5, 2}})}};
  ops[3] = {.type = OpType::invoke, .kind = OpKind::send, .mops = {keyed_send(x, 4, 17, no_offset)}};
  for (const Op& op : ops) {
    const auto read = op_from_json(to_json(op));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, op) << to_json(op);
  }
}

TEST(HistoryJson, AnUnfinishedOperationIsIndefinite) {
  std::istringstream lines(
      R"({"i":0,"t":0,"p":1,"type":"invoke","f":"send","v":[["send",0,1]]}
{"i":1,"t":5,"p":2,"type":"invoke","f":"poll","v":[["poll"]]}
{"i":2,"t":9,"p":2,"type":"ok","f":"poll","v":[["poll",{"0":[[0,1]]}]]}
)");
  const auto history = read_history(lines);
  ASSERT_TRUE(history) << history.error().message;
  ASSERT_EQ(history->rows().size(), 2u);
  EXPECT_EQ(history->rows()[0].invoked_ns, 5);
  EXPECT_EQ(history->rows()[1].type, OpType::info);
  EXPECT_TRUE(check(*history).is_valid());
}

TEST(HistoryJson, SaysWhichLineIsBroken) {
  for (const char* line : {"{", "[]", "{}", R"({"i":0,"t":0,"p":1,"type":"maybe","f":"poll"})",
                           R"({"i":0,"t":0,"p":1,"type":"ok","f":"poll","v":[["poll",{"-1":[]}]]})",
                           R"({"i":0,"t":0,"p":1,"type":"ok","f":"send","v":[["send",99999999,1]]})",
                           R"({"i":0,"t":0,"p":1,"type":"ok","f":"send","v":[["send",0]]})"}) {
    std::istringstream lines(std::string("\n") + line);
    const auto history = read_history(lines);
    ASSERT_FALSE(history) << line;
    EXPECT_EQ(history.error().message.find("line 2: "), 0u) << history.error().message;
  }
}

}  // namespace
}  // namespace kt::sim
