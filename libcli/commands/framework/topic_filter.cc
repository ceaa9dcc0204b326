#include "libcli/commands/framework/topic_filter.h"

#include <algorithm>
#include <regex>

namespace kt::cli {

struct TopicFilter::Pattern {
  std::regex regex;
};

Result<TopicFilter> TopicFilter::parse(std::string text) {
  const std::string given = text;
  std::ranges::replace(text, ',', '|');
  std::erase(text, ' ');
  const auto is_quote = [](char c) { return c == '"' || c == '\''; };
  while (!text.empty() && is_quote(text.front())) text.erase(text.begin());
  while (!text.empty() && is_quote(text.back())) text.pop_back();
  TopicFilter filter;
  try {
    filter.pattern_ = std::make_shared<const Pattern>(Pattern{std::regex(text, std::regex::ECMAScript | std::regex::optimize)});
  } catch (const std::regex_error&) {
    return fail(ErrorCode::invalid_request, given + " is an invalid regex.");
  }
  return filter;
}

bool TopicFilter::matches(const std::string& topic) const { return std::regex_match(topic, pattern_->regex); }

}  // namespace kt::cli
