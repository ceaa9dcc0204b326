#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "libbroker/base/loop.h"
#include "libbroker/base/result.h"
#include "libbroker/client/cluster.h"

namespace kt::client {

/// Keeps a cluster's topology of some topics fresh: asks when told that it is stale, when a topic has no
/// metadata or no leader yet, and when it is old. One request at a time, with a pause between them.
class TopologyWatch {
 public:
  struct Options {
    int64_t max_age_ms = 300'000;      // metadata.max.age.ms
    bool allows_auto_creation = true;  // allow.auto.create.topics
  };
  /// Called after each answer (code none), and after each failure to get one.
  using Updated = std::function<void(const Error&)>;

  TopologyWatch(Cluster& cluster, Options options, Updated updated);
  ~TopologyWatch();
  TopologyWatch(const TopologyWatch&) = delete;

  /// Adds a topic; a new one is asked for at once.
  void want(const std::string& topic);
  /// Exactly these from now on; nullopt: all of the cluster's.
  void want_only(std::optional<std::set<std::string>> topics);
  /// What is known turned out to be wrong: another broker may know better.
  void mark_stale();

 private:
  void ask_soon();
  void schedule(int64_t delay_ms);
  void ask();
  void on_answer(const Error& error);
  bool is_incomplete() const;

  Cluster& cluster_;
  const Options options_;
  const Updated updated_;
  std::optional<std::set<std::string>> topics_ = std::set<std::string>{};
  bool is_asking_ = false;
  bool is_stale_ = false;
  std::optional<int64_t> asked_ms_;
  Timers::Id timer_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace kt::client
