#include "libbroker/net/client_connection.h"

#include <fmt/core.h>

#include <utility>

#include "libbroker/base/assert.h"
#include "libbroker/base/bytes.h"

namespace kt::net {
namespace {

constexpr size_t landing_bytes = 16 << 10;        // answers come one at a time more often than requests do
constexpr uint32_t answer_bytes_max = 1u << 30;   // a fetch's answer may exceed fetch.max.bytes by one batch
constexpr size_t request_correlation_offset = 4;  // after the API key and version

int32_t correlation_of(const std::vector<Piece>& request) {
  KT_ASSERT(!request.empty() && std::holds_alternative<Slice>(request.front()));
  const Slice& header = std::get<Slice>(request.front());
  KT_ASSERT(header.size() >= request_correlation_offset + sizeof(int32_t));
  return load_be<int32_t>(header.data() + request_correlation_offset);
}

}  // namespace

void ClientConnection::open(Net& net, Loop& loop, MemoryBudget& budget, const Endpoint& to,
                            int64_t timeout_ms, Opened opened) {
  net.connect(loop, to, timeout_ms,
              [&loop, &budget, opened = std::move(opened)](Result<std::unique_ptr<Stream>> stream) mutable {
                if (!stream) return opened(fail(std::move(stream.error())));
                opened(std::make_unique<ClientConnection>(loop, budget, std::move(*stream)));
              });
}

ClientConnection::ClientConnection(Loop& loop, MemoryBudget& budget, std::unique_ptr<Stream> stream)
    : loop_(loop),
      stream_(std::move(stream)),
      local_(stream_->local()),
      peer_(stream_->peer()),
      landing_(landing_bytes),
      reader_(landing_, budget, answer_bytes_max) {
  stream_->start(*this);
}

ClientConnection::~ClientConnection() {
  for (size_t i = 0; i < pending_.size(); ++i) loop_.cancel(pending_[i].timer);
}

void ClientConnection::send(std::vector<Piece> request, int64_t timeout_ms, Done done) {
  if (!is_open()) {
    loop_.post([done = std::move(done), error = Error{ErrorCode::network_exception, end_reason_}]() mutable {
      done(fail(std::move(error)));
    });
    return;
  }
  const uint64_t number = first_pending_ + pending_.size();
  const auto timer = loop_.after(timeout_ms, [this, number] { time_out(number); });
  pending_.push({correlation_of(request), timer, timeout_ms, false, std::move(done)});
  write(std::move(request));
}

void ClientConnection::send_without_answer(std::vector<Piece> request) {
  if (is_open()) write(std::move(request));
}

void ClientConnection::write(std::vector<Piece> request) {
  const auto size = std::make_shared_for_overwrite<std::byte[]>(sizeof(int32_t));
  store_be(size.get(), static_cast<int32_t>(size_of(request)));
  out_.emplace_back(Slice{{size.get(), sizeof(int32_t)}, size});
  for (Piece& piece : request) out_.push_back(std::move(piece));
  if (!is_working_off_) send_out();
}

void ClientConnection::send_out() {
  if (!out_.empty()) stream_->send(std::exchange(out_, {}));
}

void ClientConnection::on_read(size_t count) {
  Fifo<Slice> answers;
  try {
    reader_.on_read(count, answers);
  } catch (const std::exception& broken) {
    return close(broken.what());
  }
  is_working_off_ = true;
  const std::weak_ptr<const int> alive = alive_;
  while (!answers.empty()) {
    take_answer(answers.pop());
    if (alive.expired() || !is_open()) return;
  }
  is_working_off_ = false;
  send_out();
}

/// Gives an answer to the request that is next in order; may destroy this.
void ClientConnection::take_answer(Slice answer) {
  if (pending_.empty()) return close("it answered what nobody asked");
  const bool has_header = answer.size() >= sizeof(int32_t);
  const auto correlation_id = has_header ? load_be<int32_t>(answer.data()) : -1;
  if (!has_header || correlation_id != pending_.front().correlation_id) {
    return close(fmt::format("it answered request {} in the place of {}", correlation_id,
                             pending_.front().correlation_id));
  }
  Pending asked = pending_.pop();
  ++first_pending_;
  loop_.cancel(asked.timer);
  asked.done(std::move(answer));
}

void ClientConnection::time_out(uint64_t request) {
  Pending& late = pending_[request - first_pending_];
  late.is_late = true;
  close(fmt::format("no answer within {} ms", late.timeout_ms));
}

void ClientConnection::close(std::string_view reason) {
  if (!is_open()) return;
  end_reason_ = fmt::format("the connection to {} ended: {}", peer_.text(), reason);
  stream_.reset();
  Fifo<Pending> failed = std::exchange(pending_, {});
  const std::string sentence = end_reason_;  // this may die below
  Task ended = std::move(ended_);
  for (size_t i = 0; i < failed.size(); ++i) loop_.cancel(failed[i].timer);
  while (!failed.empty()) {
    Pending asked = failed.pop();
    asked.done(fail(asked.is_late ? ErrorCode::request_timed_out : ErrorCode::network_exception, sentence));
  }
  if (ended) ended();
}

}  // namespace kt::net
