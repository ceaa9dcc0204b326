#include "libbroker/sim/network.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/sim/toy.h"

namespace kt::sim {
namespace {

using toy::Answers;

std::vector<uint64_t> one_to(uint64_t count) {
  std::vector<uint64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 1);
  return numbers;
}

/// A program without code: the test acts through the machine.
Program idle() {
  return [](Machine&) -> Process { return std::make_shared<int>(); };
}

/// Connects and remembers how that went.
struct Caller {
  std::unique_ptr<Stream> stream;
  std::string error;
  bool is_done = false;

  void call(Machine& machine, const Endpoint& to, int64_t timeout_ms = 500) {
    is_done = false;
    machine.net().connect(machine.loop(), to, timeout_ms, [this](Result<std::unique_ptr<Stream>> result) {
      is_done = true;
      if (result) {
        stream = std::move(*result);
      } else {
        error = result.error().message;
      }
    });
  }
};

TEST(Network, EveryByteArrivesOnceAndInOrderInPiecesOfAnySize) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    WorldOptions options;
    options.net.chunk_bytes_max = 1 + seed;
    options.net.loss = {200'000};
    World world(seed, options);
    Answers answers;
    world.add("server", toy::echo_server());
    world.add("client", toy::counting_client("server", 100, answers));
    world.start_all();
    EXPECT_EQ(world.run_until([&] { return answers.got.size() == 100; }), World::Outcome::met)
        << "seed " << seed;
    EXPECT_EQ(answers.got, one_to(100)) << "seed " << seed;
  }
}

TEST(Network, ResetsBreakConnectionsButNeverTheOrderWithinOne) {
  uint64_t connections = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    WorldOptions options;
    options.net.reset = {20'000};
    World world(seed, options);
    Answers answers;
    world.add("server", toy::echo_server());
    world.add("client", toy::counting_client("server", 100, answers));
    world.start_all();
    EXPECT_EQ(world.run_until([&] { return answers.got.size() >= 100; }), World::Outcome::met)
        << "seed " << seed;
    EXPECT_EQ(answers.got, one_to(100)) << "seed " << seed;
    connections += answers.connections;
  }
  EXPECT_GT(connections, 75u);
}

TEST(Network, SaysWhyItCannotConnect) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.add("b", idle());
  world.start_all();
  const auto error_of = [&](const Endpoint& to) {
    Caller caller;
    caller.call(a, to);
    world.run_until([&] { return caller.is_done; });
    return caller.error;
  };
  EXPECT_EQ(error_of({"nowhere", 1}), "cannot connect to nowhere:1: Name or service not known");
  EXPECT_EQ(error_of({"b", 1}), "cannot connect to b:1: Connection refused");
  world.network().links().block({1, 0});
  EXPECT_EQ(error_of({"b", 1}), "no answer from b:1 within 500 ms");
}

TEST(Network, ConnectsAgainOnceHealed) {
  World world(1);
  world.add("b", toy::echo_server());
  Machine& a = world.add("a", idle());
  world.start_all();
  world.network().links().block({0, 1});
  Caller caller;
  caller.call(a, {"b", toy::port}, 10'000);
  world.run_for(2'500);
  EXPECT_FALSE(caller.is_done);
  world.network().links().heal();
  EXPECT_EQ(world.run_until([&] { return caller.is_done; }), World::Outcome::met);
  EXPECT_NE(caller.stream, nullptr);
}

TEST(Network, APortIsTakenOnceAndFreedWithItsAcceptor) {
  World world(1);
  Machine& a = world.add("a", idle());
  world.start_all();
  const auto listen = [&](const Endpoint& at) { return a.net().listen(a.loops(), at, [](Loop&, auto) {}); };
  auto first = listen({"", 9000});
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)->local(), (Endpoint{"a", 9000}));
  EXPECT_EQ(listen({"a", 9000}).error().message, "port 9000 is in use at a");
  EXPECT_EQ(listen({"elsewhere", 1}).error().message,
            "cannot listen on port 1: elsewhere is not an address of this machine");
  first->reset();
  EXPECT_TRUE(listen({"localhost", 9000}));
  EXPECT_NE((*listen({"", 0}))->local().port, 0);
}

TEST(Network, OneWayPartitionLetsRequestsThroughButNoAnswers) {
  World world(3);
  Answers answers;
  uint64_t served = 0;
  world.add("server", [&](Machine& machine) -> Process {
    return std::make_shared<toy::Server>(machine, [&served](uint64_t, uint64_t) { ++served; });
  });
  world.add("client", toy::counting_client("server", 1, answers));
  world.start_all();
  ASSERT_EQ(world.run_until([&] { return answers.connections == 1; }), World::Outcome::met);
  world.network().links().block({0, 1});
  world.run_for(1'000);
  EXPECT_EQ(served, 1u);
  world.run_for(world.options().net.give_up_ms + 10'000);
  EXPECT_EQ(answers.connections, 1u) << "the client gave its connection up and cannot make another";
  EXPECT_EQ(served, 1u);
}

TEST(Network, APortCanBeCutAlone) {
  World world(3);
  Machine& a = world.add("a", idle());
  Machine& b = world.add("b", idle());
  world.start_all();
  const auto one = b.net().listen(b.loops(), {"", 1}, [](Loop&, auto) {});
  const auto two = b.net().listen(b.loops(), {"", 2}, [](Loop&, auto) {});
  world.network().links().block({0, 1}, 1);
  Caller first, second;
  first.call(a, {"b", 1});
  second.call(a, {"b", 2});
  world.run_for(1'000);
  EXPECT_EQ(first.error, "no answer from b:1 within 500 ms");
  EXPECT_NE(second.stream, nullptr);
}

TEST(Network, AKilledProcessClosesItsConnections) {
  World world(4);
  Answers answers;
  world.add("server", toy::echo_server());
  world.add("client", toy::counting_client("server", 1, answers));
  world.start_all();
  world.run_until([&] { return answers.got.size() == 1; });
  world.machine(0).kill();
  world.run_for(1'000);
  EXPECT_EQ(answers.connections, 1u);
  world.start(0);
  EXPECT_EQ(world.run_until([&] { return answers.connections == 2; }), World::Outcome::met);
}

/// Writes down when and why its connection to `host` ended.
struct Watcher {
  std::unique_ptr<toy::Numbers> numbers;
  std::string reason;
  Watcher(Machine& machine, const std::string& host) {
    machine.net().connect(
        machine.loop(), {host, toy::port}, 1'000, [this](Result<std::unique_ptr<Stream>> stream) {
          numbers = std::make_unique<toy::Numbers>(
              std::move(*stream), [](uint64_t) {}, [this](std::string_view why) { reason = why; });
        });
  }
};

TEST(Network, AMachineWithoutPowerTellsNobodyAndDeniesAllWhenItIsBack) {
  World world(5);
  world.add("server", toy::echo_server());
  Machine& client = world.add("client", idle());
  world.start_all();
  Watcher watcher(client, "server");
  world.run_until([&] { return watcher.numbers != nullptr; });
  world.machine(0).power_off();
  world.run_for(300'000);
  EXPECT_EQ(watcher.reason, "") << "half open: nothing was sent, so nothing was noticed";
  world.start(0);
  watcher.numbers->send(7);
  world.run_for(1'000);
  EXPECT_EQ(watcher.reason, "connection reset by peer");
}

TEST(Network, ASenderGivesUpOnAMachineThatStaysSilent) {
  World world(5);
  world.add("server", toy::echo_server());
  Machine& client = world.add("client", idle());
  world.start_all();
  Watcher watcher(client, "server");
  world.run_until([&] { return watcher.numbers != nullptr; });
  world.machine(0).power_off();
  watcher.numbers->send(7);
  world.run_for(world.options().net.give_up_ms + 10'000);
  EXPECT_EQ(watcher.reason, "connection timed out");
}

TEST(Network, BytesOfAClosedConnectionMayArriveLongAfterwards) {
  WorldOptions options;
  options.net.zombie = always;
  int late = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed, options);
    std::vector<int64_t> served_ms;
    world.add("server", [&](Machine& machine) -> Process {
      return std::make_shared<toy::Server>(machine,
                                           [&](uint64_t, uint64_t) { served_ms.push_back(world.now_ms()); });
    });
    Machine& client = world.add("client", idle());
    world.start_all();
    auto watcher = std::make_unique<Watcher>(client, "server");
    world.run_until([&] { return watcher->numbers != nullptr; });
    watcher->numbers->send(1);
    watcher.reset();
    const int64_t closed_ms = world.now_ms();
    world.run_for(61'000);
    ASSERT_EQ(served_ms.size(), 1u) << "seed " << seed;
    late += served_ms[0] > closed_ms + 5'000;
  }
  EXPECT_GT(late, 10);
}

TEST(Network, AReaderThatPausesHoldsItsSenderBack) {
  WorldOptions options;
  options.net.window_bytes = 4096;
  World world(6, options);
  size_t read_bytes = 0;
  struct Sink final : Stream::Handler {
    explicit Sink(size_t& bytes) : bytes(bytes) {}
    std::span<std::byte> read_buffer() override { return buffer; }
    void on_read(size_t count) override { bytes += count; }
    void on_drained() override { is_drained = true; }
    void on_closed(std::string_view) override {}
    size_t& bytes;
    bool is_drained = false;
    std::array<std::byte, 1000> buffer;
  } sink(read_bytes), unread(read_bytes);
  std::unique_ptr<Stream> server;
  Machine& a = world.add("a", idle());
  Machine& b = world.add("b", idle());
  world.start_all();
  const auto acceptor = b.net().listen(b.loops(), {"", 1}, [&](Loop&, std::unique_ptr<Stream> stream) {
    server = std::move(stream);
    server->pause_reading(true);
    server->start(sink);
  });
  Caller caller;
  caller.call(a, {"b", 1});
  world.run_until([&] { return server && caller.stream; });
  caller.stream->start(unread);
  caller.stream->send({Slice::own(std::vector<std::byte>(100'000))});
  world.run_for(5'000);
  EXPECT_EQ(read_bytes, 0u);
  EXPECT_GT(caller.stream->unsent_bytes(), 90'000u);
  EXPECT_FALSE(unread.is_drained);
  server->pause_reading(false);
  world.run_for(5'000);
  EXPECT_EQ(read_bytes, 100'000u);
  EXPECT_EQ(caller.stream->unsent_bytes(), 0u);
  EXPECT_TRUE(unread.is_drained);
}

TEST(Network, EveryLoopGetsConnectionsInTurn) {
  WorldOptions options;
  options.machine.loops = 3;
  World world(7, options);
  Machine& a = world.add("a", idle());
  world.start_all();
  std::vector<Loop*> chosen;
  const auto acceptor =
      a.net().listen(a.loops(), {"", 1}, [&](Loop& loop, auto) { chosen.push_back(&loop); });
  Caller callers[3];
  for (Caller& caller : callers) caller.call(a, {"localhost", 1});
  world.run_for(100);
  std::ranges::sort(chosen);
  auto loops = a.loops();
  std::ranges::sort(loops);
  EXPECT_EQ(chosen, loops);
}

TEST(Network, ForgetsConnectionsThatBothSidesClosed) {
  World world(8);
  world.add("server", toy::echo_server());
  Machine& client = world.add("client", idle());
  world.start_all();
  for (int i = 0; i < 10; ++i) {
    Watcher watcher(client, "server");
    world.run_until([&] { return watcher.numbers != nullptr; });
  }
  world.run_for(5'000);
  EXPECT_EQ(world.network().connections(), 0u);
}

}  // namespace
}  // namespace kt::sim
