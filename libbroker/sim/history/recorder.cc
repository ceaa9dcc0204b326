#include "libbroker/sim/history/recorder.h"

#include <ostream>
#include <utility>

#include "libbroker/sim/history/history_json.h"

namespace kt::sim {

void Recorder::add(Op op) {
  op.index = next_index_++;
  if (lines_) *lines_ << to_json(op) << '\n';
  history_.add(std::move(op));
}

History Recorder::take() {
  History whole = std::exchange(history_, {});
  whole.finish();
  return whole;
}

}  // namespace kt::sim
