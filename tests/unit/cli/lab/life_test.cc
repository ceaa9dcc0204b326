#include "libcli/lab/life.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace kt::lab {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

constexpr int64_t ttl_ms = 1'000'000;

/// Two brokers, 0 and 1, and controller 100; what they are told, without the diary.
struct LifeTest : testing::Test {
  LifeTest() { begun = kept(life.begin(now_ms)); }

  static std::vector<Effect> kept(std::vector<Effect> effects) {
    std::erase_if(effects, [](const Effect& effect) { return std::holds_alternative<Record>(effect); });
    return effects;
  }
  std::vector<Effect> step(const Event& event) { return kept(life.step(event, now_ms)); }
  void serve(int32_t node) {
    step(Started{node, 1000 + node});
    step(Ready{node});
  }
  void all_serve() {
    for (const int32_t node : {100, 0, 1}) serve(node);
  }
  const NodeStatus& node(int32_t id) const {
    return *std::ranges::find_if(life.nodes(), [id](const NodeStatus& n) { return n.spec.id == id; });
  }

  Spec spec{.name = "lab", .nodes = lay_out(2, 1, 9092)};
  int64_t now_ms = 5;
  Life life{spec, now_ms, ttl_ms};
  std::vector<Effect> begun;
};

TEST_F(LifeTest, StartsEveryNodeAndTellsWhenAllServe) {
  EXPECT_THAT(begun, ElementsAre(Effect(Spawn{100}), Effect(Spawn{0}), Effect(Spawn{1})));
  EXPECT_THAT(step(Asked{7, Verb::await, {}}), ElementsAre());
  serve(100), serve(0);
  EXPECT_THAT(step(Ready{1}), ElementsAre(Effect(Answer{7, ""})));
  EXPECT_THAT(step(Asked{8, Verb::await, {}}), ElementsAre(Effect(Answer{8, ""})));
}

TEST_F(LifeTest, TellsAtOnceWhenANodeEndsInsteadOfServing) {
  step(Asked{7, Verb::await, {}});
  EXPECT_THAT(step(Exited{1, "exit 1"}),
              ElementsAre(Effect(Answer{7, "broker-1 ended before it served: exit 1"})));
  serve(100), serve(0);
  EXPECT_THAT(step(Asked{8, Verb::await, {}}),
              ElementsAre(Effect(Answer{8, "broker-1 ended before it served: exit 1"})));
}

TEST_F(LifeTest, AKilledNodeIsDownWhenItsProcessIs) {
  all_serve();
  EXPECT_THAT(step(Asked{7, Verb::kill, 1, SIGKILL}), ElementsAre(Effect(Signal{1, SIGKILL})));
  EXPECT_THAT(step(Exited{1, "signal 9"}), ElementsAre(Effect(Answer{7, ""})));
  EXPECT_EQ(node(1).state, NodeState::down);
  EXPECT_EQ(node(1).ended, "signal 9");
  EXPECT_THAT(step(Asked{8, Verb::kill, 1, SIGKILL}), ElementsAre(Effect(Answer{8, "broker-1 is down"})));
  EXPECT_THAT(step(Asked{9, Verb::stop, 5}), ElementsAre(Effect(Answer{9, "the lab has no node 5"})));
}

TEST_F(LifeTest, StartIsDoneWhenTheNodeServes) {
  all_serve();
  EXPECT_THAT(step(Asked{7, Verb::start, 0}), ElementsAre(Effect(Answer{7, "broker-0 is up"})));
  step(Exited{0, "exit 0"});
  EXPECT_THAT(step(Asked{8, Verb::start, 0}), ElementsAre(Effect(Spawn{0})));
  EXPECT_THAT(step(Started{0, 12}), ElementsAre());
  EXPECT_THAT(step(Ready{0}), ElementsAre(Effect(Answer{8, ""})));
  EXPECT_EQ(node(0).starts, 2);
}

TEST_F(LifeTest, AStartThatFailsIsToldWithItsEnd) {
  all_serve();
  step(Exited{0, "exit 0"});
  step(Asked{8, Verb::start, 0});
  EXPECT_THAT(step(Exited{0, "exit 1"}), ElementsAre(Effect(Answer{8, "broker-0 ended: exit 1"})));
}

TEST_F(LifeTest, RestartStopsThenStarts) {
  all_serve();
  EXPECT_THAT(step(Asked{7, Verb::restart, 0}), ElementsAre(Effect(Signal{0, SIGTERM})));
  EXPECT_THAT(step(Exited{0, "exit 0"}), ElementsAre(Effect(Spawn{0})));
  step(Started{0, 12});
  EXPECT_THAT(step(Ready{0}), ElementsAre(Effect(Answer{7, ""})));
}

TEST_F(LifeTest, ARestartThatFailsIsNotTriedAgain) {
  all_serve();
  step(Asked{7, Verb::restart, 0});
  step(Exited{0, "exit 0"});
  EXPECT_THAT(step(Exited{0, "exit 1"}), ElementsAre(Effect(Answer{7, "broker-0 ended: exit 1"})));
}

TEST_F(LifeTest, PauseAndResumeAreDoneWhenTheKernelSaysSo) {
  all_serve();
  EXPECT_THAT(step(Asked{7, Verb::pause, 1}), ElementsAre(Effect(Signal{1, SIGSTOP})));
  EXPECT_THAT(step(Halted{1}), ElementsAre(Effect(Answer{7, ""})));
  EXPECT_EQ(node(1).state, NodeState::paused);
  EXPECT_THAT(step(Asked{8, Verb::pause, 1}), ElementsAre(Effect(Answer{8, "broker-1 is paused"})));
  EXPECT_THAT(step(Asked{9, Verb::resume, 1}), ElementsAre(Effect(Signal{1, SIGCONT})));
  EXPECT_THAT(step(Continued{1}), ElementsAre(Effect(Answer{9, ""})));
  EXPECT_EQ(node(1).state, NodeState::up);
}

TEST_F(LifeTest, AtTheEndControllersStopAfterBrokersAndAPausedNodeWakesForIt) {
  all_serve();
  step(Halted{1});
  EXPECT_THAT(
      step(Asked{7, Verb::down, {}}),
      ElementsAre(Effect(Signal{0, SIGTERM}), Effect(Signal{1, SIGTERM}), Effect(Signal{1, SIGCONT})));
  EXPECT_THAT(step(Asked{8, Verb::start, 0}), ElementsAre(Effect(Answer{8, "the lab is on its way down"})));
  EXPECT_THAT(step(Exited{0, "exit 0"}), ElementsAre());
  EXPECT_THAT(step(Exited{1, "exit 0"}), ElementsAre(Effect(Signal{100, SIGTERM})));
  EXPECT_THAT(step(Exited{100, "exit 0"}), ElementsAre(Effect(Answer{7, ""}), Effect(Finish{})));
}

TEST_F(LifeTest, WhoDoesNotStopInTimeIsKilled) {
  all_serve();
  step(Asked{7, Verb::stop, 0});
  EXPECT_EQ(life.deadline_ms(), now_ms + stop_ms_max);
  now_ms += stop_ms_max - 1;
  EXPECT_THAT(step(Tick{}), ElementsAre());
  now_ms += 1;
  EXPECT_THAT(step(Tick{}), ElementsAre(Effect(Signal{0, SIGKILL})));
}

TEST_F(LifeTest, WhoIsKilledAndIsNotDeadAtOnceIsLeftToDie) {
  all_serve();
  step(Asked{7, Verb::stop, 0});
  now_ms += stop_ms_max + 3;
  EXPECT_THAT(step(Tick{}), ElementsAre(Effect(Signal{0, SIGKILL})));
  EXPECT_TRUE(life.step(Tick{}, now_ms).empty());
  EXPECT_EQ(life.deadline_ms(), now_ms + stop_ms_max);
}

TEST_F(LifeTest, ASecondSignalMeansNow) {
  all_serve();
  EXPECT_THAT(step(StopSignal{}), ElementsAre(Effect(Signal{0, SIGTERM}), Effect(Signal{1, SIGTERM})));
  EXPECT_THAT(step(StopSignal{}), ElementsAre(Effect(Signal{100, SIGKILL}), Effect(Signal{0, SIGKILL}),
                                              Effect(Signal{1, SIGKILL})));
}

TEST_F(LifeTest, ALabEndsByItselfWhenItsTimeIsOver) {
  all_serve();
  EXPECT_EQ(life.deadline_ms(), 5 + ttl_ms);
  now_ms = 5 + ttl_ms;
  EXPECT_THAT(step(Tick{}), Contains(Effect(Signal{0, SIGTERM})));
}

TEST_F(LifeTest, NobodyIsAnsweredWhoIsGone) {
  all_serve();
  step(Asked{7, Verb::stop, 0});
  step(Gone{7});
  EXPECT_THAT(step(Exited{0, "exit 0"}), Not(Contains(Effect(Answer{7, ""}))));
}

TEST_F(LifeTest, WhoWaitsForANodeIsToldThatTheLabWentDown) {
  all_serve();
  step(Asked{7, Verb::restart, 0});
  EXPECT_THAT(step(StopSignal{}), Contains(Effect(Answer{7, "the lab went down"})));
  EXPECT_THAT(step(Exited{0, "exit 0"}), Not(Contains(Effect(Spawn{0}))));
}

TEST_F(LifeTest, StartsAllThatAreDownWhenNoNodeIsNamed) {
  all_serve();
  step(Asked{7, Verb::kill, 0, SIGKILL});
  step(Exited{0, "signal 9"});
  step(Asked{7, Verb::kill, 1, SIGKILL});
  step(Exited{1, "signal 9"});
  EXPECT_THAT(step(Asked{8, Verb::start, {}}), ElementsAre(Effect(Spawn{0}), Effect(Spawn{1})));
  serve(0);
  EXPECT_THAT(step(Ready{1}), ElementsAre(Effect(Answer{8, ""})));
}

TEST_F(LifeTest, TakesInANodeAndForgetsOneThatIsDown) {
  all_serve();
  EXPECT_THAT(step(Added{9, {2, false, 9094}}), ElementsAre(Effect(Spawn{2})));
  EXPECT_THAT(step(Ready{2}), ElementsAre(Effect(Answer{9, ""})));
  EXPECT_THAT(step(Added{9, {2, false, 9094}}), ElementsAre(Effect(Answer{9, "the lab has a node 2"})));
  step(Forgotten{2});
  EXPECT_NE(life.node(2), nullptr);  // it is not down
  step(Asked{9, Verb::stop, 2});
  step(Exited{2, "exit 0"});
  step(Forgotten{2});
  EXPECT_EQ(life.node(2), nullptr);
}

TEST_F(LifeTest, AnAddedNodeThatEndsBeforeItServesIsNoMore) {
  all_serve();
  step(Added{9, {3, false, 9095}});
  step(Started{3, 12});
  EXPECT_THAT(step(Exited{3, "exit 1"}),
              ElementsAre(Effect(Answer{9, "broker-3 ended: exit 1"}), Effect(Forget{3})));
  EXPECT_EQ(life.node(3), nullptr);
  EXPECT_THAT(step(Added{10, {3, false, 9095}}), ElementsAre(Effect(Spawn{3})));
}

TEST_F(LifeTest, AnAddedNodeIsGivenUpWhenNobodyWaitsForItAnyMore) {
  all_serve();
  step(Added{9, {3, false, 9095}});
  step(Started{3, 12});
  EXPECT_THAT(step(Gone{9}), ElementsAre(Effect(Signal{3, SIGKILL})));
  EXPECT_THAT(step(Exited{3, "signal 9"}), ElementsAre(Effect(Forget{3})));
  EXPECT_EQ(life.node(3), nullptr);
}

TEST_F(LifeTest, AnAddedNodeThatHasServedStaysWhenItEnds) {
  all_serve();
  step(Added{9, {3, false, 9095}});
  serve(3);
  EXPECT_THAT(step(Exited{3, "exit 1"}), ElementsAre());
  EXPECT_NE(life.node(3), nullptr);
}

}  // namespace
}  // namespace kt::lab
