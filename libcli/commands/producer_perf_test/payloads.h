#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libbroker/base/disk.h"
#include "libbroker/base/rng.h"
#include "libbroker/base/slice.h"
#include "libcli/commands/framework/streams.h"
#include "libcli/commands/producer_perf_test/options.h"

namespace kt::cli::producer_perf_test {

/// What the records hold, one after the other.
class Payloads {
 public:
  /// Reads the file where there is one, and tells of it as Kafka's tool does. Errors: it is missing or empty;
  /// a delimiter that is no regular expression.
  static Result<Payloads> open(const Payload& payload, Disk& disk, Streams& streams);

  /// Of record `number`.
  Slice next(int64_t number);

 private:
  explicit Payloads(const Payload& payload) : payload_(payload) {}

  Payload payload_;
  std::vector<Slice> parts_;  // of the file
  SeededRng rng_{0};          // Kafka's tool sends the same each time too
};

/// The parts of a text as Java's Scanner gives them: what stands between matches of a regular expression; one
/// right where a part would begin is passed over. Errors: no such expression.
Result<std::vector<std::string>> split(const std::string& text, const std::string& delimiter);

}  // namespace kt::cli::producer_perf_test
