#pragma once
#include <vector>

#include "libbroker/base/clock.h"
#include "libbroker/base/disk.h"
#include "libbroker/base/loop.h"
#include "libbroker/base/net.h"
#include "libbroker/base/rng.h"

namespace kt::node {

/// The world as a node reaches it: the machine's under `kt server`, a simulated one under `kt sim`. Outlives the node.
struct Seams {
  Clock& clock;
  Rng& rng;
  Disk& disk;
  Net& net;
  Loop& control;             // raft, the controller, upkeep
  std::vector<Loop*> data;   // connections live on these, one for life
  Executor& disk_pool;
};

}  // namespace kt::node
