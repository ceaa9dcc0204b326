#include "libcli/lab/lint.h"

#include <fmt/core.h>

#include <algorithm>
#include <regex>

#include "libcli/config/span.h"
#include "libcli/lab/exercise.h"

namespace kt::lab {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The time that stands after an option, checked.
void check_span(const std::string& line, size_t number, const char* option,
                std::vector<Complaint>& complaints) {
  const std::regex given(fmt::format("{}[ =]([^ ]*)", option));
  std::smatch found;
  if (std::regex_search(line, found, given) && !config::parse_span_ms(found[1].str()))
    complaints.push_back({number, fmt::format("{} {} is no time such as 5s", option, found[1].str())});
}

}  // namespace

std::vector<Complaint> lint_exercise(std::string_view text) {
  std::vector<Complaint> complaints;
  if (const auto exercise = parse_exercise(text); !exercise)
    complaints.push_back({0, exercise.error().message});
  const auto lines = lines_of(text);
  const std::regex from(R"(# from:\s+\d{3} \d+)"), sleep(R"((^|[;&|({]|do|then)\s*sleep\s)"),
      expect(R"(^\s*expect\s)");
  if (std::ranges::none_of(lines, [&](const std::string& line) { return std::regex_match(line, from); }))
    complaints.push_back({0, "its header says no from: a document of the course and a line, as 004 1379"});
  bool has_step = false, has_expect = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (line.starts_with('#')) continue;
    if (line.starts_with("step ")) has_step = true;
    if (std::regex_search(line, sleep))
      complaints.push_back({i + 1, "sleep waits for nothing: expect ... --within, or within"});
    if (!std::regex_search(line, expect)) continue;
    has_expect = true;
    const bool is_in_function = line.starts_with(' ');
    if (!has_step && !is_in_function) complaints.push_back({i + 1, "expect before the first step"});
    check_span(line, i + 1, "--within", complaints);
    check_span(line, i + 1, "--for", complaints);
  }
  if (!has_expect) complaints.push_back({0, "it expects nothing"});
  return complaints;
}

std::vector<Complaint> lint_properties(std::string_view text) {
  std::vector<Complaint> complaints;
  const auto lines = lines_of(text);
  for (size_t i = 0; i < lines.size(); ++i) {
    static const std::regex one_copy(R"(^\s*offsets\.topic\.replication\.factor\s*[=: ]\s*1\s*$)");
    if (std::regex_search(lines[i], one_copy))
      complaints.push_back(
          {i + 1,
           "offsets.topic.replication.factor=1: one broker that dies may take the groups with it; "
           "with three brokers, say 3"});
  }
  return complaints;
}

}  // namespace kt::lab
