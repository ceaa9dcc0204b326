#pragma once
#include <cstdint>
#include <iosfwd>

#include "libbroker/sim/history/history.h"

namespace kt::sim {

/// Writes a run down as it happens: into a History, and as lines if a stream is given. Indices count from 0.
class Recorder {
 public:
  explicit Recorder(std::ostream* lines = nullptr) : lines_(lines) {}

  /// A process does one operation at a time, and none after one that ended as info.
  int32_t new_process() { return next_process_++; }
  void add(Op op);
  /// What was written down; the recorder is then empty.
  History take();

 private:
  std::ostream* const lines_;
  History history_;
  uint64_t next_index_ = 0;
  int32_t next_process_ = 0;
};

}  // namespace kt::sim
