#pragma once
#include <memory>

#include "libcli/commands/framework/session.h"
#include "tests/unit/client/fake_cluster.h"

namespace kt::cli {

/// Brokers in memory and a command's session with them, in virtual time that passes while the command waits.
struct FakeSession {
  client::FakeCluster brokers;
  int64_t api_timeout_ms = 5'000;
  Session session{brokers.clock,
                  std::make_unique<client::Cluster>(brokers.loop, brokers, brokers.clock, brokers.options()),
                  api_timeout_ms, [this] { brokers.run_ms(1); }};
};

}  // namespace kt::cli
