#include "libcli/commands/perf/load.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "libbroker/net/asio_loop.h"
#include "libbroker/net/precise_timer.h"
#include "libbroker/wire/codec.h"
#include "libcli/commands/framework/session.h"

namespace kt::cli::perf {
namespace {

constexpr int64_t connect_timeout_ms = 10'000;
constexpr int64_t last_answers_ms_max = 30'000;  // after the time is over

}  // namespace

LoadRun::LoadRun(const Options& options, const std::vector<Requests>& requests, Session& session)
    : options_(options), session_(session), senders_(static_cast<size_t>(options.connections)) {
  for (size_t i = 0; i < senders_.size(); ++i) {
    senders_[i].to = &requests[i % requests.size()];
    senders_[i].next =
        i / requests.size() * (senders_[i].to->requests.size() / 2 + 1);  // not all read the same place
  }
  if (options.rate) interval_ns_ = std::max<int64_t>(1, std::llround(1e9 / *options.rate));
}

LoadRun::~LoadRun() = default;

int64_t LoadRun::now_ns() const { return session_.clock().monotonic_ns(); }

bool LoadRun::may_send() const {
  return !is_stopping_ && (!options_.batches_max || sent_ < *options_.batches_max);
}

Result<void> LoadRun::connect(Sender& sender) {
  auto stream = session_.wait<Result<std::unique_ptr<Stream>>>([&](auto done) {
    session_.net().connect(session_.loop(), sender.to->leader, connect_timeout_ms,
                           [done](Result<std::unique_ptr<Stream>> made) mutable { done(std::move(made)); });
  });
  if (!stream) return fail(std::move(stream.error()));
  const std::string address = sender.to->leader.text();
  sender.connection = std::make_unique<RawConnection>(
      std::move(*stream),
      [this, &sender](RawConnection&, int64_t sent_ns, std::span<const std::byte> frame) {
        on_answer(sender, sent_ns, frame);
      },
      [this, address](const std::string& reason) {
        end(Error{ErrorCode::network_exception,
                  fmt::format("the connection to {} ended: {}", address, reason)});
      });
  return {};
}

Result<Measured> LoadRun::run() {
  for (Sender& sender : senders_) {
    if (auto connected = connect(sender); !connected) return fail(std::move(connected.error()));
  }
  session_.loop().post([this] { start(); });
  while (!has_ended_) session_.turn();
  if (error_) return fail(std::move(*error_));
  measured_.seconds =
      static_cast<double>(std::max<int64_t>(1, std::min(stop_ns_, last_answer_ns_) - count_from_ns_)) / 1e9;
  return measured_;
}

void LoadRun::start() {
  const int64_t now = now_ns();
  count_from_ns_ = now + options_.warmup_ms * 1'000'000;
  stop_ns_ = count_from_ns_ + options_.duration_ms * 1'000'000;
  session_.loop().after(options_.warmup_ms + options_.duration_ms, [this] { stop_sending(); });
  if (interval_ns_ > 0) {
    timer_ = std::make_unique<net::PreciseTimer>(session_.reactor(), [this] { send_due(); });
    next_ns_ = now;
    return send_due();
  }
  for (Sender& sender : senders_) {
    for (int32_t i = 0; i < options_.depth && may_send(); ++i) send(sender, now_ns());
  }
}

void LoadRun::send(Sender& sender, int64_t sent_ns) {
  const auto& requests = sender.to->requests;
  const Request& request = requests[sender.next++ % requests.size()];
  sender.sent.push(&request);
  ++sent_;
  ++under_way_;
  sender.connection->send(request.frame, sent_ns);
}

/// Open loop: sends all that ought to have left by now. A connection with `depth_max` requests under way
/// stalls the load, whose times go on.
void LoadRun::send_due() {
  while (next_ns_ <= now_ns() && may_send()) {
    Sender& sender = senders_[turn_ % senders_.size()];
    if (sender.connection->in_flight() >= static_cast<size_t>(depth_max)) break;
    ++turn_;
    send(sender, next_ns_);
    next_ns_ += interval_ns_;
  }
  if (may_send()) timer_->after_ns(next_ns_ - now_ns());
}

void LoadRun::on_answer(Sender& sender, int64_t sent_ns, std::span<const std::byte> frame) {
  Answer answer;
  try {
    answer = read_answer(options_.load, frame);
  } catch (const wire::DecodeError& broken) {
    return end(Error{ErrorCode::unknown_server_error,
                     fmt::format("cannot read the broker's answer: {}", broken.what())});
  }
  if (answer.error != ErrorCode::none) return end(Error{answer.error, answer.message});
  const Request& request = *sender.sent.pop();
  --under_way_;
  const int64_t now = last_answer_ns_ = now_ns();
  if (now >= count_from_ns_ && now <= stop_ns_) {
    ++measured_.requests;
    measured_.records += request.records;
    measured_.batch_bytes +=
        static_cast<int64_t>(options_.load == Load::fetch ? answer.batch_bytes : request.batch_bytes);
    measured_.latencies.add(now - sent_ns);
  }
  if (interval_ns_ == 0 && may_send()) return send(sender, now);
  if (!may_send() && under_way_ == 0) end({});
}

void LoadRun::stop_sending() {
  is_stopping_ = true;
  if (under_way_ == 0) return end({});
  session_.loop().after(last_answers_ms_max, [this] {
    end(Error{ErrorCode::request_timed_out,
              fmt::format("{} requests have no answer within {} ms", under_way_, last_answers_ms_max)});
  });
}

void LoadRun::end(std::optional<Error> error) {
  if (has_ended_) return;
  has_ended_ = true;
  is_stopping_ = true;
  error_ = std::move(error);
  session_.stop_turning();
}

}  // namespace kt::cli::perf
