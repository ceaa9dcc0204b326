#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "libbroker/base/net.h"
#include "libbroker/base/result.h"
#include "libbroker/base/slice.h"
#include "libcli/commands/perf/options.h"

namespace kt::cli {
class Session;
}

namespace kt::cli::perf {

/// A request as it goes over the wire, size and header included. Every one has correlation id 0: answers come
/// in order.
struct Request {
  Slice frame;
  int64_t records = 0;     // sent, or asked for
  size_t batch_bytes = 0;  // sent
};

/// Requests made before the load starts, to be sent in turn to the leader of one partition.
struct Requests {
  Endpoint leader;
  std::vector<Request> requests;
};

/// For every partition of the topic, by number. Errors: the topic is not there, a partition has no leader,
/// the topic has nothing to fetch; a broker that does not speak the versions used here.
Result<std::vector<Requests>> make_requests(const Options& options, Session& session);

/// What a broker answered.
struct Answer {
  ErrorCode error = ErrorCode::none;
  std::string message = {};
  size_t batch_bytes = 0;  // fetched
};
/// Reads an answer to a request of this load, size excluded. Throws wire::DecodeError.
Answer read_answer(Load load, std::span<const std::byte> frame);

}  // namespace kt::cli::perf
