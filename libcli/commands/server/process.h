#pragma once
#include <functional>
#include <memory>
#include <string>

#include "libbroker/base/result.h"
#include "libbroker/node/node.h"

namespace kt::cli::server {

/// A Node on this machine: its threads (one for control, one per data loop, a pool for the disk) and its end by signal.
class Process {
 public:
  Process(Disk& disk, Clock& clock, node::Node::Options options);
  ~Process();

  /// Starts the threads and the node; returns once it serves. Errors: one sentence on why it cannot.
  Result<node::Node::Serving> start();
  /// Waits for SIGTERM or SIGINT, or for the node's own failure, then stops cleanly; a second signal ends the process at
  /// once. Returns the failure, if that was the reason.
  Result<void> run_until_signal();

 private:
  struct Threads;
  Disk& disk_;
  Clock& clock_;
  node::Node::Options options_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace kt::cli::server
