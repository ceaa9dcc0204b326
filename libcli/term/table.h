#pragma once
#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kt::term {

/// One column of a padded table.
struct Column {
  std::string heading;
  size_t width_min = 0;
  bool grows = false;  // to its widest cell; else a longer cell pushes the rest of its row to the right
};

/// Kafka's printf tables: left-justified columns, one blank between them. Kafka's tools differ in whether the
/// last column is padded too, and whether a blank follows that.
class PaddedTable {
 public:
  enum class LastColumn { unpadded, padded, padded_and_blank };
  explicit PaddedTable(std::vector<Column> columns, LastColumn last = LastColumn::unpadded);
  /// As many cells as columns; an empty cell prints as "-".
  void add(std::vector<std::string> cells);
  bool has_rows() const { return !rows_.empty(); }
  /// The headings and the rows, each ended by a newline.
  void print(std::ostream& out) const;

 private:
  std::vector<size_t> widths() const;
  std::vector<Column> columns_;
  LastColumn last_;
  std::vector<std::vector<std::string>> rows_;
};

/// Kafka's other tables (transactions, quorum): every cell padded to the widest of its column and followed by
/// a TAB.
class TabbedTable {
 public:
  explicit TabbedTable(std::vector<std::string> headings);
  void add(std::vector<std::string> cells);
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the headings first
};

/// "Topic: orders<TAB>PartitionCount: 2", without an end of line.
std::string key_values(const std::vector<std::pair<std::string_view, std::string>>& fields);

/// jopt-simple's help: two columns, together at most 80 wide, the first at most 39; continued lines start
/// with two blanks, and every line is padded to its full width.
class TwoColumns {
 public:
  TwoColumns(std::string left_heading, std::string right_heading);
  void add(std::string left, std::string right);
  void print(std::ostream& out) const;

 private:
  std::vector<std::pair<std::string, std::string>> rows_;  // the headings and their underlines first
};

}  // namespace kt::term
