#include "libcli/commands/consume/record_output.h"

#include <algorithm>
#include <ostream>
#include <utility>

namespace kt::cli::consume {

void RecordOutput::end_record() {
  ends_.push_back(text_.size());
  if (text_.size() >= write_bytes) flush();
}

bool RecordOutput::flush() {
  if (out_) {
    std::streambuf& to = *out_.rdbuf();  // which, unlike the stream, tells how much it took
    auto taken = static_cast<size_t>(to.sputn(text_.data(), static_cast<std::streamsize>(text_.size())));
    if (taken < text_.size()) {
      out_.setstate(std::ios::badbit);
    } else if (to.pubsync() != 0) {
      taken = 0;  // a part of what it held, but who knows which
      out_.setstate(std::ios::badbit);
    }
    written_ += static_cast<size_t>(std::ranges::upper_bound(ends_, taken) - ends_.begin());
  }
  text_.clear();
  ends_.clear();
  return out_.good();
}

size_t RecordOutput::take_written() { return std::exchange(written_, 0); }

}  // namespace kt::cli::consume
