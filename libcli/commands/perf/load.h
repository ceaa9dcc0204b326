#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "libcli/commands/perf/latencies.h"
#include "libcli/commands/perf/raw_connection.h"
#include "libcli/commands/perf/requests.h"

namespace kt::net {
class PreciseTimer;
}

namespace kt::cli::perf {

/// What came of a load, the warm-up left out.
struct Measured {
  double seconds = 0;
  int64_t requests = 0;  // that were answered
  int64_t records = 0;
  int64_t batch_bytes = 0;  // of record batches, their headers included
  Latencies latencies;
};

/// Sends requests for some time. Closed loop: on each connection `depth` requests are under way, and an
/// answer is followed by the next request. Open loop (a rate): requests have times at which they ought to
/// leave, in turn over the connections, and their latency counts from these, so that a broker that stalls is
/// charged for all that had to wait.
class LoadRun {
 public:
  LoadRun(const Options& options, const std::vector<Requests>& requests, Session& session);
  ~LoadRun();
  /// Errors: what a broker answered, a connection that could not be made or was lost.
  Result<Measured> run();

 private:
  struct Sender {
    const Requests* to = nullptr;
    size_t next = 0;  // of its requests
    net::Fifo<const Request*> sent = {};
    std::unique_ptr<RawConnection> connection = {};
  };

  Result<void> connect(Sender& sender);
  void start();
  void send(Sender& sender, int64_t sent_ns);
  void send_due();
  void on_answer(Sender& sender, int64_t sent_ns, std::span<const std::byte> frame);
  void stop_sending();
  void end(std::optional<Error> error);
  bool may_send() const;
  int64_t now_ns() const;

  const Options& options_;
  Session& session_;
  std::vector<Sender> senders_;
  std::unique_ptr<net::PreciseTimer> timer_;
  int64_t interval_ns_ = 0;  // open loop: between two requests
  int64_t next_ns_ = 0;      // open loop: when the next one ought to leave
  size_t turn_ = 0;          // open loop: whose it is
  int64_t count_from_ns_ = 0, stop_ns_ = 0, last_answer_ns_ = 0;
  int64_t sent_ = 0, under_way_ = 0;
  bool is_stopping_ = false, has_ended_ = false;
  std::optional<Error> error_;
  Measured measured_;
};

}  // namespace kt::cli::perf
