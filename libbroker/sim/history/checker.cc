#include "libbroker/sim/history/checker.h"

#include "libbroker/sim/history/checks.h"

namespace kt::sim {

Report check(const History& history, const Promises& promises) {
  const Knowledge known = learn(history);
  Report report(promises);
  check_logs(known, promises, report);
  check_polls(known, promises, report);
  check_consumers(known, promises, report);
  check_producers(known, report);
  check_cycles(known, promises, report);
  check_commits(known, report);
  if (promises.is_compacted) check_compaction(known, report);
  return report;
}

}  // namespace kt::sim
