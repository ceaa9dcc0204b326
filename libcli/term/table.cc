#include "libcli/term/table.h"

#include <algorithm>
#include <ostream>

#include "libbroker/base/assert.h"
#include "libcli/term/text.h"

namespace kt::term {

PaddedTable::PaddedTable(std::vector<Column> columns, LastColumn last)
    : columns_(std::move(columns)), last_(last) {}

void PaddedTable::add(std::vector<std::string> cells) {
  KT_ASSERT(cells.size() == columns_.size());
  for (std::string& cell : cells) {
    if (cell.empty()) cell = "-";
  }
  rows_.push_back(std::move(cells));
}

std::vector<size_t> PaddedTable::widths() const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = std::max(columns_[i].width_min, width_of(columns_[i].heading));
    if (columns_[i].grows) {
      for (const auto& row : rows_) width = std::max(width, width_of(row[i]));
    }
    widths.push_back(width);
  }
  if (last_ == LastColumn::unpadded) widths.back() = 0;
  return widths;
}

void PaddedTable::print(std::ostream& out) const {
  const std::vector<size_t> columns = widths();
  const auto print_row = [&](const auto& cell_of) {
    for (size_t i = 0; i < columns.size(); ++i) out << (i == 0 ? "" : " ") << padded(cell_of(i), columns[i]);
    if (last_ == LastColumn::padded_and_blank) out << ' ';
    out << '\n';
  };
  print_row([this](size_t i) -> const std::string& { return columns_[i].heading; });
  for (const auto& row : rows_) print_row([&row](size_t i) -> const std::string& { return row[i]; });
}

TabbedTable::TabbedTable(std::vector<std::string> headings) { rows_.push_back(std::move(headings)); }

void TabbedTable::add(std::vector<std::string> cells) {
  KT_ASSERT(cells.size() == rows_.front().size());
  rows_.push_back(std::move(cells));
}

void TabbedTable::print(std::ostream& out) const {
  std::vector<size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) out << padded(row[i], widths[i]) << '\t';
    out << '\n';
  }
}

std::string key_values(const std::vector<std::pair<std::string_view, std::string>>& fields) {
  std::string line;
  for (const auto& [name, value] : fields)
    line.append(line.empty() ? "" : "\t").append(name).append(": ").append(value);
  return line;
}

namespace {
constexpr size_t help_width = 80;
constexpr size_t help_gap = 2;
constexpr size_t help_left_max = (help_width - help_gap) / 2;
constexpr size_t help_indent = 2;
}  // namespace

TwoColumns::TwoColumns(std::string left_heading, std::string right_heading) {
  const std::string left_line(left_heading.size(), '-'), right_line(right_heading.size(), '-');
  add(std::move(left_heading), std::move(right_heading));
  add(left_line, right_line);
}

void TwoColumns::add(std::string left, std::string right) {
  rows_.emplace_back(std::move(left), std::move(right));
}

void TwoColumns::print(std::ostream& out) const {
  size_t left_widest = 0, right_widest = 0;
  for (const auto& [left, right] : rows_) {
    left_widest = std::max(left_widest, width_of(left));
    right_widest = std::max(right_widest, width_of(right));
  }
  const size_t left_width = std::min(left_widest, help_left_max);
  const size_t right_width = std::min(right_widest, help_width - left_width - help_gap);
  for (const auto& [left, right] : rows_) {
    const auto left_lines = wrapped(left, left_width, help_indent);
    const auto right_lines = wrapped(right, right_width, help_indent);
    for (size_t i = 0; i < std::max(left_lines.size(), right_lines.size()); ++i) {
      const std::string_view left_line = i < left_lines.size() ? left_lines[i] : std::string_view();
      const std::string_view right_line = i < right_lines.size() ? right_lines[i] : std::string_view();
      out << padded(left_line, left_width) << std::string(help_gap, ' ') << padded(right_line, right_width)
          << '\n';
    }
  }
}

}  // namespace kt::term
