#include "libbroker/sim/world.h"

#include <gtest/gtest.h>

#include <set>

#include "libbroker/base/bytes.h"
#include "tests/unit/sim/toy.h"

namespace kt::sim {
namespace {

using toy::Answers;

Program idle() {
  return [](Machine&) -> Process { return std::make_shared<int>(); };
}

TEST(World, TasksOfALoopRunInTheOrderTheyWerePosted) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.start_all();
  std::string order;
  a.loop().after(5, [&] { order += 'c'; });
  a.loop().post([&] {
    order += 'a';
    a.loop().post([&] { order += 'b'; });
  });
  const Timers::Id cancelled = a.loop().after(1, [&] { order += 'x'; });
  a.loop().cancel(cancelled);
  world.run_for(100);
  EXPECT_EQ(order, "abc");
}

TEST(World, ACancelledTimerLetsGoOfWhatItHeld) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.start_all();
  auto held = std::make_shared<int>(1);
  const Timers::Id id = a.loop().after(1'000, [held] {});
  a.loop().cancel(id);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(World, ClocksDriftAndTimersWithThem) {
  World world(1);
  Machine& a = world.add("a", idle());
  a.clock().set_drift_ppm(100'000);  // gains 10 %
  a.clock().jump_ms(5'000);
  world.start_all();
  int64_t fired_ms = 0;
  a.loop().after(1'100, [&] { fired_ms = world.now_ms(); });
  world.run_for(2'000);
  EXPECT_EQ(fired_ms, 1'000);
  EXPECT_EQ(a.clock().monotonic_ms(), 2'200);
  EXPECT_EQ(a.clock().wall_ms(), SimClock::epoch_ms + 5'000 + 2'200);
}

TEST(World, APausedMachineDoesNothingAndThenCatchesUp) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.start_all();
  std::vector<int64_t> fired_ms;
  a.loop().after(10, [&] { fired_ms.push_back(world.now_ms()); });
  a.loop().after(20, [&] { fired_ms.push_back(world.now_ms()); });
  a.pause();
  world.run_for(1'000);
  EXPECT_TRUE(fired_ms.empty());
  a.resume();
  world.run_for(1);
  EXPECT_EQ(fired_ms, (std::vector<int64_t>{1'000, 1'000}));
}

/// Notices whether its destructor can still reach the world.
struct Clinging {
  explicit Clinging(Machine& machine)
      : machine(machine), file(*machine.disk().open("file", Disk::Mode::create)) {
    machine.loop().after(10, [this] { machine_loop_ran = true; });
  }
  ~Clinging() {
    EXPECT_FALSE(file->write_at(0, as_bytes("from beyond")));
    EXPECT_FALSE(machine.disk().remove("file"));
    machine.loop().post([] { ADD_FAILURE() << "a dead process runs"; });
    machine.net().connect(machine.loop(), {"a", 1}, 10,
                          [](auto) { ADD_FAILURE() << "a dead process connects"; });
  }
  Machine& machine;
  std::unique_ptr<File> file;
  bool machine_loop_ran = false;
};

TEST(World, AKilledProcessCannotTouchTheWorldFromItsDestructors) {
  World world(1);
  Machine& a =
      world.add("a", [](Machine& machine) -> Process { return std::make_shared<Clinging>(machine); });
  world.start_all();
  a.kill();
  world.run_for(100);
  world.start(0);
  EXPECT_EQ(a.disk().files(), std::vector<std::string>{"/file"}) << "the kernel keeps what was not synced";
  a.power_off();
  world.start(0);
  world.run_for(100);
  EXPECT_TRUE(a.process<Clinging>().machine_loop_ran);
}

TEST(World, AProcessThatEndsItselfIsStartedAgain) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.start_all();
  a.loop().after(10, [&] { a.exit(); });
  world.run_for(100);
  EXPECT_FALSE(a.is_running());
  world.run_for(1'000);
  EXPECT_TRUE(a.is_running());
}

/// Writes `a`, `b` and `c`, one file each, in one event.
Program three_files(size_t& written) {
  return [&written](Machine& machine) -> Process {
    machine.loop().post([&machine, &written] {
      for (const char* name : {"a", "b", "c"}) {
        auto file = machine.disk().open(name, Disk::Mode::create);
        written += file && (*file)->write_at(0, as_bytes(name)) ? 1 : 0;
      }
    });
    return std::make_shared<int>();
  };
}

TEST(World, AProcessCanBeCutOffInTheMiddleOfAnEvent) {
  for (const Machine::Cut cut : {Machine::Cut::kill, Machine::Cut::power_off}) {
    World world(1);
    size_t written = 0;
    Machine& a = world.add("a", three_files(written));
    a.cut_after(3, cut);  // a name and its contents, and one name
    world.start(0);
    world.run_for(500);
    EXPECT_EQ(written, 1u);
    EXPECT_FALSE(a.is_running());
    EXPECT_EQ(a.has_power(), cut == Machine::Cut::kill);
    if (cut == Machine::Cut::kill) {
      EXPECT_EQ(a.disk().files(), (std::vector<std::string>{"/a", "/b"}));
    }
    world.run_for(1'000);
    EXPECT_TRUE(a.is_running()) << "its supervisor is told";
    EXPECT_EQ(written, 4u);
  }
}

TEST(World, AProcessIsAskedToEnd) {
  World world(1);
  Machine& a = world.add("a", [](Machine& machine) -> Process {
    machine.set_on_terminate([&machine] { machine.loop().after(200, [&machine] { machine.exit(); }); });
    return std::make_shared<int>();
  });
  world.start(0);
  a.terminate();
  world.run_for(100);
  EXPECT_TRUE(a.is_running());
  world.run_for(200);
  EXPECT_FALSE(a.is_running());
}

TEST(World, PoolWorkTakesTimeAndStartsInOrderPerThread) {
  WorldOptions options;
  options.machine.pool_threads = 1;
  World world(1, options);
  Machine& a = world.add("a", idle());
  world.start_all();
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) a.executor().run([&, i] { order.push_back(i); });
  EXPECT_TRUE(order.empty());
  world.run_for(1'000);
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(World, LimitsEndARunThatNeverGetsThere) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.start_all();
  const std::function<void()> forever = [&] { a.loop().post([&] { forever(); }); };
  forever();
  EXPECT_EQ(world.run_until([] { return false; }, {.ms = 1'000, .events = 100}),
            World::Outcome::out_of_events);
  EXPECT_EQ(world.run_until([] { return false; }, {.ms = 1, .events = 1'000'000}),
            World::Outcome::out_of_time);
}

/// Some of everything: lossy links, resets, kills, power cuts, pauses.
uint64_t hash_of_a_run(uint64_t seed) {
  WorldOptions options;
  options.net.loss = {50'000};
  options.net.reset = {5'000};
  options.net.zombie = {500'000};
  options.net.chunk_bytes_max = 20;
  options.clock_drift_ppm_max = 500;
  options.clock_offset_ms_max = 1'000;
  World world(seed, options);
  Answers answers[2];
  world.add("server", toy::echo_server());
  world.add("client1", toy::counting_client("server", 200, answers[0]));
  world.add("client2", toy::counting_client("server", 200, answers[1]));
  world.start_all();
  world.after(20, [&] { world.machine(0).kill(); });
  world.after(200, [&] { world.start(0); });
  world.after(250, [&] { world.machine(1).pause(); });
  world.after(400, [&] { world.machine(0).power_off(); });
  world.after(900, [&] { world.heal(); });
  const auto all_answered = [&] { return answers[0].got.size() == 200 && answers[1].got.size() == 200; };
  EXPECT_EQ(world.run_until(all_answered), World::Outcome::met) << "seed " << seed;
  return world.trace().hash();
}

TEST(World, TheSameSeedIsTheSameRunAndAnotherIsAnother) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const uint64_t hash = hash_of_a_run(seed);
    EXPECT_EQ(hash, hash_of_a_run(seed)) << "seed " << seed;
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 100u);
}

}  // namespace
}  // namespace kt::sim
