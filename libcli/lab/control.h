#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "libbroker/base/result.h"
#include "libbroker/net/owned_descriptor.h"
#include "libcli/lab/faults.h"
#include "libcli/lab/life.h"
#include "libcli/lab/places.h"

namespace kt::lab {

/// How a lab's supervisor is spoken to: one line of JSON each way over `run/control.sock`, then the
/// connection ends.
///
///     {"ask":"kill","node":1,"signal":9}      {"error":""}
///     {"ask":"status"}                        {"error":"","nodes":[{"id":0,...}]}
inline constexpr size_t control_line_bytes_max = 64 << 10;  // of what is asked
inline constexpr size_t answer_bytes_max = 16 << 20;        // which tells of all nodes and faults

struct Request {
  std::string ask;
  std::optional<int32_t> node;
  int signal = 9;
  std::optional<fault::Fault> fault = {};  // of "fault"
  std::optional<int64_t> for_ms = {};      // how long it lasts
  std::optional<int32_t> id = {};          // of "heal"; none: all
  std::optional<ClockChange> clock = {};   // of "clock"
  std::string tend = {}, topic = {};       // of "tend": roll, retain or compact
  int32_t partition = 0;
  std::optional<NodeSpec> added = {};  // of "add"
};
std::string to_line(const Request& request);
/// Errors: invalid_request with a sentence.
Result<Request> parse_request(const std::string& line);
/// Which verb of Life the request is; none for the others.
std::optional<Verb> verb_of(const std::string& ask);

struct Reply {
  std::string error;  // empty: done
  std::vector<NodeStatus> nodes;
  std::vector<fault::Fault> faults = {};
  std::optional<int32_t> id = {};  // of the fault that was added
};
std::string to_line(const Reply& reply);
Result<Reply> parse_reply(const std::string& line);

/// A socket that listens at the place's control.sock, or is connected to it. However long the path is.
Result<net::OwnedDescriptor> listen_for_control(const Place& place);
Result<net::OwnedDescriptor> connect_control(const Place& place);

/// Asks the lab at `place` and waits for the answer, `timeout_ms` at most. Errors: resource_not_found when no
/// supervisor is there, request_timed_out, and what the supervisor said.
Result<Reply> ask(const Place& place, const Request& request, int64_t timeout_ms);

/// Asks the lab at `place` to end and returns when its supervisor is gone, which leaves no process, port or
/// socket. Errors: as ask().
Result<void> take_down(const Place& place, int64_t timeout_ms);

}  // namespace kt::lab
