#include <gtest/gtest.h>

#include <map>
#include <set>

#include "libbroker/base/bytes.h"
#include "libbroker/net/client_connection.h"
#include "libbroker/net/server.h"
#include "libbroker/sim/world.h"

// net/ itself, its framing and both ends of a connection, on simulated streams.

namespace kt::sim {
namespace {

constexpr uint16_t port = 9092;
constexpr size_t header_bytes = 8;  // API key, version, correlation id

/// Answers every request with its correlation id and its body, some of them after a while.
class EchoNode final : public net::Dispatcher {
 public:
  explicit EchoNode(Machine& machine)
      : machine_(machine), budget_(64 << 20), server_(machine.loops(), budget_, *this, net::ServerOptions{}) {
    KT_ASSERT(server_.listen(machine.net(), {"", port}));
  }
  void on_request(net::ServerConnection& from, Slice frame, net::Reply reply) override {
    const int64_t delay_ms = static_cast<int64_t>(machine_.rng().below(3)) * 10;
    const auto late = std::make_shared<net::Reply>(std::move(reply));
    from.loop().after(delay_ms, [frame, late] { (*late)({frame.sub(4)}); });
  }
  void close() {
    server_.close([] {});
  }

 private:
  Machine& machine_;
  net::MemoryBudget budget_;
  net::Server server_;
};

struct Tally {
  uint64_t sent = 0, answered = 0, wrong = 0, failed = 0;
};

/// Keeps several connections, each asking one thing after the other; opens another when one ends.
class AskingNode {
 public:
  AskingNode(Machine& machine, Tally& tally, size_t connections)
      : machine_(machine), tally_(tally), budget_(64 << 20), slots_(connections) {
    for (size_t slot = 0; slot < connections; ++slot) open(slot);
  }

 private:
  void open(size_t slot) {
    net::ClientConnection::open(machine_.net(), machine_.loop(), budget_, {"server", port}, 1'000,
                                [this, slot](Result<std::unique_ptr<net::ClientConnection>> opened) {
                                  if (!opened) return open_later(slot);
                                  slots_[slot] = std::move(*opened);
                                  slots_[slot]->on_end([this, slot] { open_later(slot); });
                                  ask(slot);
                                });
  }
  void open_later(size_t slot) {
    machine_.loop().after(50, [this, slot] { open(slot); });
  }
  void ask(size_t slot) {
    const auto id = static_cast<int32_t>(++tally_.sent);
    std::vector<std::byte> request(header_bytes + machine_.rng().below(20'000));
    store_be(request.data() + 4, id);
    for (size_t i = header_bytes; i < request.size(); ++i) request[i] = static_cast<std::byte>(i * 31 + id);
    const Slice wanted = Slice::own(request).sub(4);
    slots_[slot]->send({Slice::own(std::move(request))}, 5'000, [this, slot, wanted](Result<Slice> answer) {
      if (!answer) {
        ++tally_.failed;
        return;
      }
      ++tally_.answered;
      tally_.wrong += *answer != wanted;
      ask(slot);
    });
  }

  Machine& machine_;
  Tally& tally_;
  net::MemoryBudget budget_;
  std::vector<std::unique_ptr<net::ClientConnection>> slots_;
};

struct Outcome {
  Tally tally;
  uint64_t hash;
};

Outcome run(uint64_t seed, bool with_trouble) {
  WorldOptions options;
  options.machine.loops = 2;
  options.net.chunk_bytes_max = 1u << (seed % 16);
  if (with_trouble) options.net.loss = {1'000}, options.net.reset = {20}, options.net.zombie = {500'000};
  World world(seed, options);
  Tally tally;
  world.add("server", [](Machine& machine) -> Process { return std::make_shared<EchoNode>(machine); });
  world.add("client",
            [&](Machine& machine) -> Process { return std::make_shared<AskingNode>(machine, tally, 8); });
  world.start_all();
  if (with_trouble) {
    world.after(300, [&] { world.machine(0).kill(); });
    world.after(500, [&] { world.start(0); });
    world.after(700,
                [&] { world.machine(0).loop().post([&] { world.machine(0).process<EchoNode>().close(); }); });
    world.after(900, [&] { world.machine(0).power_off(); });
    world.after(1'000, [&] { world.start(0); });
  }
  world.run_for(with_trouble ? 1'500 : 200);
  return {tally, world.trace().hash()};
}

TEST(SimulatedNet, FramesGoThroughInAnyPieces) {
  for (uint64_t seed = 0; seed < 32; ++seed) {
    const Outcome done = run(seed, false);
    EXPECT_GT(done.tally.answered, 50u) << "seed " << seed;
    EXPECT_EQ(done.tally.wrong, 0u) << "seed " << seed;
    EXPECT_EQ(done.tally.failed, 0u) << "seed " << seed;
  }
}

TEST(SimulatedNet, TroubleFailsRequestsButNeverMixesThemUp) {
  uint64_t failed = 0;
  for (uint64_t seed = 0; seed < 32; ++seed) {
    const Outcome done = run(seed, true);
    EXPECT_EQ(done.tally.wrong, 0u) << "seed " << seed;
    EXPECT_LE(done.tally.answered + done.tally.failed, done.tally.sent);
    failed += done.tally.failed;
  }
  EXPECT_GT(failed, 32u);
}

/// The heap lies differently in each run, so that an order which follows addresses shows.
TEST(SimulatedNet, NothingDependsOnWhereThingsLieInMemory) {
  std::vector<std::unique_ptr<char[]>> clutter;
  SeededRng noise(99);
  for (uint64_t seed = 0; seed < 16; ++seed) {
    const uint64_t hash = run(seed, true).hash;
    for (int repetition = 0; repetition < 6; ++repetition) {
      for (int i = 0; i < 400; ++i) {
        clutter.emplace_back(new char[16 + noise.below(3'000)]);
        if (noise.below(2) == 0) clutter.pop_back();
      }
      ASSERT_EQ(run(seed, true).hash, hash) << "seed " << seed;
    }
  }
}

TEST(SimulatedNet, TheSameSeedIsTheSameRun) {
  std::set<uint64_t> hashes;
  for (uint64_t seed = 0; seed < 16; ++seed) {
    const uint64_t hash = run(seed, true).hash;
    EXPECT_EQ(hash, run(seed, true).hash) << "seed " << seed;
    hashes.insert(hash);
  }
  EXPECT_EQ(hashes.size(), 16u);
}

}  // namespace
}  // namespace kt::sim
