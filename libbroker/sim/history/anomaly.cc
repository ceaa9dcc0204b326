#include "libbroker/sim/history/anomaly.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace kt::sim {

std::string_view name_of(Anomaly anomaly) {
  static constexpr std::array<std::string_view, anomaly_count> names = {"inconsistent-offsets",
                                                                        "duplicate",
                                                                        "lost-write",
                                                                        "unseen",
                                                                        "phantom",
                                                                        "G1a",
                                                                        "precommitted-read",
                                                                        "int-poll-skip",
                                                                        "int-nonmonotonic-poll",
                                                                        "poll-skip",
                                                                        "nonmonotonic-poll",
                                                                        "int-nonmonotonic-send",
                                                                        "nonmonotonic-send",
                                                                        "int-send-skip",
                                                                        "G0",
                                                                        "G1c",
                                                                        "consume-count",
                                                                        "offset-regress",
                                                                        "compaction-loss"};
  return names[static_cast<size_t>(anomaly)];
}

bool is_allowed(Anomaly anomaly, const Promises& promises) {
  switch (anomaly) {
    case Anomaly::int_send_skip:
    case Anomaly::write_cycle:
      return true;  // Kafka does not isolate writes of transactions from each other
    case Anomaly::duplicate:
      return !promises.is_idempotent;
    case Anomaly::aborted_read:
    case Anomaly::precommitted_read:
      return !promises.is_read_committed;
    case Anomaly::information_cycle:
      return !promises.is_read_committed || promises.orders_writes;
    case Anomaly::poll_skip:
    case Anomaly::nonmonotonic_poll:
      return promises.is_subscribed;
    default:
      return false;
  }
}

std::string Case::text() const {
  std::string text = fmt::format("{}: key {}", name_of(anomaly), key);
  if (!values.empty()) text += fmt::format(", values {}", fmt::join(values, " "));
  if (!offsets.empty()) text += fmt::format(", offsets {}", fmt::join(offsets, " "));
  if (delta != 0) text += fmt::format(", delta {}", delta);
  if (!ops.empty()) text += fmt::format(", ops {}", fmt::join(ops, " "));
  return text;
}

void Report::add(Case found) {
  if (counts_[static_cast<size_t>(found.anomaly)]++ < cases_max) cases_.push_back(std::move(found));
}

std::vector<Case> Report::cases(Anomaly anomaly) const {
  std::vector<Case> some;
  for (const Case& found : cases_) {
    if (found.anomaly == anomaly) some.push_back(found);
  }
  return some;
}

bool Report::is_valid() const {
  for (size_t i = 0; i < anomaly_count; ++i) {
    if (counts_[i] > 0 && !is_allowed(static_cast<Anomaly>(i), promises_)) return false;
  }
  return true;
}

std::string Report::text() const {
  std::string text;
  for (size_t i = 0; i < anomaly_count; ++i) {
    const auto anomaly = static_cast<Anomaly>(i);
    if (counts_[i] == 0) continue;
    text += fmt::format("{:<22} {:>9}  {}\n", name_of(anomaly), counts_[i],
                        is_allowed(anomaly, promises_) ? "allowed" : "FORBIDDEN");
  }
  for (const Case& found : cases_) text += found.text() + "\n";
  return text;
}

}  // namespace kt::sim
