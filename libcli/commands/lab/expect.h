#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libcli/commands/framework/session.h"
#include "libcli/commands/lab/lab.h"
#include "libcli/lab/expectation.h"

namespace kt::cli::lab {

/// A client of a lab that may lose brokers at any time: a look that failed goes to another broker the next
/// time, and none takes longer than a second or two.
class Looker {
 public:
  Looker(const Chosen& lab, Environment& environment) : lab_(lab), environment_(environment) {}

  const Chosen& lab() const { return lab_; }
  Environment& environment() { return environment_; }
  /// Opened when it is first asked for, and anew after forget().
  Result<Session*> session();
  void forget() { session_.reset(); }

 private:
  const Chosen& lab_;
  Environment& environment_;
  std::unique_ptr<Session> session_;
  size_t opened_ = 0;
};

using Look = std::function<Result<kt::lab::Sight>(Looker&)>;

/// What `kt lab expect` was asked for, understood.
struct Check {
  std::string expected;  // as it is told when it is not so
  Look look;
};

/// A check by its name, the first of `options.expect.words`. Errors: what is wrong with how it was asked for.
std::expected<Check, UsageError> check_of(const ExpectOptions& options);

// Those who make checks: of the cluster's metadata, of offsets and groups, of commands and logs.
std::expected<Check, UsageError> cluster_check(const ExpectOptions& options);
std::expected<Check, UsageError> offset_check(const ExpectOptions& options);
std::expected<Check, UsageError> command_check(const ExpectOptions& options);
// Of what an exercise's clients got, and of files with what was sent and what came.
std::expected<Check, UsageError> client_check(const ExpectOptions& options);
std::expected<Check, UsageError> delivery_check(const ExpectOptions& options);

/// "1,2", each once. Errors: what is no list of numbers.
std::expected<std::set<int32_t>, UsageError> parse_ids(const std::string& text);
/// The number that --is, or else the word at `index`, is to be compared with.
std::expected<kt::lab::Bound, UsageError> bound_of(const ExpectOptions& options, size_t index);
std::unexpected<UsageError> bad_check(std::string sentence);

}  // namespace kt::cli::lab
