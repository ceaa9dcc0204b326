#pragma once
#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace kt::cli::consume {

/// Records' texts on their way to a stream, many in one write; knows which of them got there when it fails.
/// The stream outlives it.
class RecordOutput {
 public:
  explicit RecordOutput(std::ostream& out) : out_(out) {}

  /// Where the next record is appended, before end_record().
  std::string& text() { return text_; }
  /// Writes what has come together once that is much.
  void end_record();
  /// Writes it all. False: the stream takes no more, and what did not get there is dropped.
  bool flush();
  /// Of the records that ended, how many the stream took whole, since this was last asked for.
  size_t take_written();

 private:
  static constexpr size_t write_bytes = 64 << 10;  // a pipe's worth

  std::ostream& out_;
  std::string text_;
  std::vector<size_t> ends_;  // of records in the text
  size_t written_ = 0;
};

}  // namespace kt::cli::consume
