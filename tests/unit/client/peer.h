#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "libbroker/base/clock.h"
#include "libbroker/base/rng.h"
#include "libbroker/client/cluster.h"
#include "libbroker/net/asio_loop.h"
#include "libbroker/net/asio_net.h"
#include "libbroker/net/thread_pool.h"

namespace kt::client {

/// A running cluster, of Apache Kafka or of kt, at $KT_PEER (host:port); without it these tests are skipped.
///
///     scripts/get-apache-kafka start /tmp/peer 19392 && KT_PEER=127.0.0.1:19392 build/dev/tests/client_tests
class PeerTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* peer = std::getenv("KT_PEER");
    if (!peer) GTEST_SKIP() << "KT_PEER is not set";
    const std::string at = peer;
    const size_t colon = at.rfind(':');
    const Endpoint endpoint{at.substr(0, colon), static_cast<uint16_t>(std::stoi(at.substr(colon + 1)))};
    cluster = std::make_unique<Cluster>(loop, net, clock,
                                        ClusterOptions{.bootstrap = {endpoint}, .client_id = "peer-test"});
  }

  /// Turns the loop until done() is called; fails after a minute.
  void run() {
    const auto late = loop.after(60'000, [this] {
      ADD_FAILURE() << "the peer took too long";
      loop.stop();
    });
    loop.run();
    loop.cancel(late);
  }
  void done() { loop.stop(); }

  static std::string unique(const std::string& name) {
    SeededRng rng(system_seed());
    return name + "-" + std::to_string(rng.next());
  }

  SystemClock clock;
  net::ThreadPool resolvers{1};
  net::AsioLoop loop{clock};
  net::AsioNet net{resolvers};
  std::unique_ptr<Cluster> cluster;
};

}  // namespace kt::client
